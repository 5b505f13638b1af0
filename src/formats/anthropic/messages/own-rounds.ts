/** One answer out of several: what the model asks of the relay's own tools is asked of Google, and it goes on from there. */
import { RelayError } from '../../../errors.ts';
import type { FunctionNames } from '../../../gemini/function-names.ts';
import type { Answer, Call, Chunk, HoldAnswer, Upstream } from '../../../gemini/call.ts';
import { Grounding } from '../../../conversation/grounding.ts';
import type {
  Candidate,
  FunctionCall,
  GenerateContentRequest,
  GenerateContentResponse,
  JsonObject,
  Part,
  UsageMetadata,
} from '../../../gemini/types.ts';
import { isObject, parseJson, RawJson, writeJson } from '../../../json.ts';
import type { OwnTool, OwnTools } from './own-tools.ts';

interface RoundNeeds {
  readonly own: OwnTools;
  readonly names: FunctionNames;
  readonly upstream: Pick<Upstream, 'generate'>;
  readonly signal: AbortSignal;
  readonly hold: HoldAnswer;
}

/** Settles as soon as the model has begun to answer. */
export const generateInRounds = async (call: Call, needs: RoundNeeds): Promise<Answer> =>
  new Rounds(call, needs).answer(await needs.upstream.generate(call, needs.signal));

/** After so many, the model has to answer with what it has. */
const MOST_ROUNDS = 8;

class Rounds {
  readonly #call: Call;
  readonly #needs: RoundNeeds;
  readonly #found = new Grounding();
  readonly #queries: string[] = [];
  readonly #uses = new Map<OwnTool, number>();
  #usage: UsageMetadata | undefined;
  /** Of all that Google has said, which goes back to it round by round. */
  #keptBytes = 0;

  constructor(call: Call, needs: RoundNeeds) {
    this.#call = call;
    this.#needs = needs;
  }

  async *answer(first: Answer): AsyncGenerator<readonly Chunk[], undefined> {
    let { request } = this.#call;
    let answer = first;
    for (let round = 1; ; round += 1) {
      const said = new Said(this.#isOwn);
      for await (const batch of answer) {
        this.#hold(batch);
        yield batch.flatMap((chunk) => said.take(chunk));
      }
      this.#count(said.usage);
      const answers: Part[] = [];
      for (const call of said.calls) answers.push(await this.#run(call));
      const isOver = answers.length === 0 || said.callsClient || said.ending?.finishReason !== 'STOP';
      if (isOver || round > MOST_ROUNDS) {
        yield [this.#end(said.ending)];
        return;
      }
      request = goOn(request, said.parts, answers, round === MOST_ROUNDS ? this.#isOwn : undefined);
      answer = await this.#needs.upstream.generate({ ...this.#call, request }, this.#needs.signal);
    }
  }

  readonly #isOwn = (name: string | undefined): boolean =>
    name !== undefined && this.#needs.own.has(this.#needs.names.toClient(name));

  /** What came of a call, for the model; that it failed is told to the model, too. */
  async #run({ id, name = '', args }: FunctionCall): Promise<Part> {
    const response = await this.#ask(
      this.#needs.own.get(this.#needs.names.toClient(name)),
      args instanceof RawJson ? args.read() : args,
    );
    return { functionResponse: { ...(id !== undefined && { id }), name, response } };
  }

  async #ask(tool: OwnTool | undefined, args: unknown): Promise<JsonObject> {
    const wanted = isObject(args) && tool ? args[tool.argument] : undefined;
    if (!tool || typeof wanted !== 'string' || wanted === '') return { error: 'It was not said what is wanted.' };
    const uses = (this.#uses.get(tool) ?? 0) + 1;
    this.#uses.set(tool, uses);
    if (uses > tool.most) return { error: 'It may not be used again in this answer.' };
    try {
      return { output: await this.#lookUp(tool, wanted) };
    } catch (error) {
      if (!(error instanceof RelayError) || this.#needs.signal.aborted) throw error;
      return { error: error.message };
    }
  }

  async #lookUp({ tool, ask }: OwnTool, wanted: string): Promise<string> {
    const { model, origin, record } = this.#call;
    const contents = [{ role: 'user', parts: [{ text: ask(wanted) }] }];
    const call: Call = { model, origin, record, native: false, stream: false, request: { contents, tools: [tool] } };
    let text = '';
    for await (const batch of await this.#needs.upstream.generate(call, this.#needs.signal)) {
      this.#hold(batch);
      for (const { value } of batch) {
        const [candidate] = value.candidates ?? [];
        for (const part of candidate?.content?.parts ?? []) if (part.thought !== true) text += part.text ?? '';
        if (candidate?.groundingMetadata) this.#note(candidate, wanted);
        this.#count(value.usageMetadata);
      }
    }
    return text;
  }

  #hold(batch: readonly Chunk[]): void {
    for (const { json } of batch) this.#keptBytes += json.length;
    this.#needs.hold(this.#keptBytes);
  }

  /** The pages alone: the places in the text are those of another text. */
  #note({ groundingMetadata: { groundingChunks = [] } = {} }: Candidate, query: string): void {
    this.#found.add({ groundingChunks });
    if (!this.#queries.includes(query)) this.#queries.push(query);
  }

  #count(usage: UsageMetadata | undefined): void {
    if (!usage) return;
    const sum: Record<string, number> = {};
    for (const counts of [this.#usage ?? {}, usage]) {
      for (const [name, count] of Object.entries(counts)) {
        if (typeof count === 'number') sum[name] = (sum[name] ?? 0) + count;
      }
    }
    this.#usage = sum;
  }

  #end(ending: Candidate | undefined): Chunk {
    const groundingMetadata = { ...this.#found.all, webSearchQueries: this.#queries };
    const candidate = { ...ending, ...(this.#queries.length > 0 && { groundingMetadata }) };
    return toChunk({
      ...(ending && { candidates: [candidate] }),
      ...(this.#usage && { usageMetadata: this.#usage }),
    });
  }
}

/** What the model has said in one round, while it goes on to the client without what concerns the relay alone. */
class Said {
  readonly parts: Part[] = [];
  readonly calls: FunctionCall[] = [];
  callsClient = false;
  ending: Candidate | undefined;
  usage: UsageMetadata | undefined;
  readonly #isOwn: (name: string | undefined) => boolean;

  constructor(isOwn: (name: string | undefined) => boolean) {
    this.#isOwn = isOwn;
  }

  take(chunk: Chunk): readonly Chunk[] {
    const { candidates, usageMetadata, promptFeedback } = parseJson(chunk.json, RAW_ARGS) as GenerateContentResponse;
    const [candidate] = candidates ?? [];
    if (usageMetadata) this.usage = usageMetadata;
    if (!candidate) return promptFeedback ? [chunk] : NO_CHUNKS;
    const { content, ...ending } = candidate;
    const parts = content?.parts ?? [];
    if (ending.finishReason !== undefined) this.ending = ending;
    for (const part of parts) if (part.thought !== true) this.parts.push(part);
    const others = parts.filter((part) => !this.#takeCall(part));
    return others.length === 0 ? NO_CHUNKS : [toChunk({ candidates: [{ content: { ...content, parts: others } }] })];
  }

  #takeCall({ functionCall }: Part): boolean {
    if (!functionCall) return false;
    const isOwn = this.#isOwn(functionCall.name);
    if (isOwn) this.calls.push(functionCall);
    else this.callsClient = true;
    return isOwn;
  }
}

/** Numbers of arguments keep their spelling. */
const RAW_ARGS = { raw: new Set(['args']) };
const NO_CHUNKS: readonly Chunk[] = [];

/** `isOver`: of the functions that are not declared again. A call that had to be has been. */
const goOn = (
  request: GenerateContentRequest,
  parts: readonly Part[],
  answers: readonly Part[],
  isOver: ((name: string | undefined) => boolean) | undefined,
): GenerateContentRequest => {
  const { toolConfig, ...rest } = request;
  const isForced = toolConfig?.functionCallingConfig?.mode === 'ANY';
  const contents = [...(request.contents ?? []), { role: 'model', parts }, { role: 'user', parts: answers }];
  const tools =
    isOver &&
    request.tools?.map(({ functionDeclarations = [], ...tool }) => ({
      ...tool,
      functionDeclarations: functionDeclarations.filter(({ name }) => !isOver(name)),
    }));
  return { ...rest, contents, ...(tools && { tools }), ...(toolConfig && !isForced && { toolConfig }) };
};

const toChunk = (value: GenerateContentResponse): Chunk => ({ json: writeJson(value), value });
