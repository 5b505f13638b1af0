/** Items of the input → turns. Whatever a client brings back of earlier answers is taken, of whichever service. */
import { dataUrl } from '../../../conversation/blocks.ts';
import { toPastAnswer } from '../../../conversation/past-answers.ts';
import { toPastCall } from '../../../conversation/past-calls.ts';
import { readCarrier } from '../../../conversation/signature-carrier.ts';
import { withTextSignature, type Turn } from '../../../conversation/turns.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject, Part } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { readTurns, type MessageNeeds } from '../chat/messages.ts';
import { echoedSignature } from '../chat/signature-echo.ts';
import { readAnswerParts } from '../chat/sent-answers.ts';
import { toPart } from '../content.ts';
import { openSummary } from './compaction.ts';
import { ARGUMENTS, isOutput, noteItemFields } from './item-fields.ts';
import type { Namespaces } from './namespaces.ts';
import type { SentItem } from './request.ts';

export interface ItemNeeds extends MessageNeeds {
  readonly namespaces: Namespaces;
  /** Of the model that is asked: signatures of others are worth nothing to it. */
  readonly family: string;
}

/** Nothing but what was said, as most clients send that are no agents. */
export const areMessages = (items: readonly SentItem[]): boolean => {
  for (const { item } of items) {
    if (typeof item !== 'string' && (item['type'] ?? MESSAGE) !== MESSAGE) return false;
  }
  return true;
};

const MESSAGE = 'message';

/** `isTalk`: they are messages alone. */
export const readItems = (items: readonly SentItem[], isTalk: boolean, needs: ItemNeeds): readonly Turn[] => {
  const reader = new ItemReader(isTalk ? NOTHING_CARRIED : carriedSignatures(items, needs), needs);
  for (const sent of items) reader.read(sent);
  return reader.turns;
};

/** The client asks for the conversation in few words, and for nothing else. */
export const asksToCompact = (items: readonly SentItem[]): boolean => {
  const last = items.at(-1)?.item;
  return isObject(last) && last['type'] === 'compaction_trigger';
};

interface Carried {
  readonly ofCalls: ReadonlyMap<string, string>;
  /** By the place of the item that carries it. */
  readonly ofTexts: ReadonlyMap<string, string>;
}

const NOTHING_CARRIED: Carried = { ofCalls: new Map(), ofTexts: new Map() };

/** Signatures name their calls: an item that has moved on its way does no harm. */
const carriedSignatures = (items: readonly SentItem[], { family, ignored }: ItemNeeds): Carried => {
  const ofCalls = new Map<string, string>();
  const ofTexts = new Map<string, string>();
  for (const { item, param } of items) {
    if (!isObject(item) || item['type'] !== 'reasoning') continue;
    const { encrypted_content: given } = item;
    const carried = readCarrier(given, family);
    if (!carried) ignored.restOfEach({ encrypted_content: given }, NOTHING, param);
    else if (carried.callId === undefined) ofTexts.set(param, carried.signature);
    else ofCalls.set(carried.callId, carried.signature);
  }
  return { ofCalls, ofTexts };
};

const NOTHING: ReadonlySet<string> = new Set();

class ItemReader {
  readonly turns: Turn[] = [];
  readonly #carried: Carried;
  readonly #needs: ItemNeeds;

  constructor(carried: Carried, needs: ItemNeeds) {
    this.#carried = carried;
    this.#needs = needs;
  }

  read({ item, param }: SentItem): void {
    if (typeof item === 'string') {
      if (item !== '') this.#say([{ text: item }]);
      return;
    }
    const type = item['type'] ?? MESSAGE;
    if (type === MESSAGE) {
      for (const turn of readTurns([{ param, fields: item }], this.#needs)) this.turns.push(turn);
      return;
    }
    if (typeof type !== 'string') throw refusal('invalid_type', `${param}.type`, `'${param}.type' must be a string.`);
    noteItemFields(type, item, param, this.#needs.ignored);
    if (type === 'reasoning') this.#sign(param);
    else if (type === 'tool_search_output') this.#answer(item, toolNames(item), param);
    else if (isOutput(type)) this.#answer(item, outputOf(item), `${param}.output`);
    else if (Object.hasOwn(ARGUMENTS, type)) this.#call(type, item, param);
    else if (type.startsWith('input_')) this.#sayPart(type, item, param);
    else if (type === 'compaction' || type === 'compaction_summary') this.#recall(item);
    else if (type === 'image_generation_call') this.#showImage(item);
    else if (!SILENT.has(type)) this.#needs.ignored.add(`input (${type})`);
  }

  #say(parts: readonly Part[]): void {
    this.turns.push({ kind: 'user', parts });
  }

  /** A part where an item should be: some clients leave out the message around it. */
  #sayPart(type: string, fields: JsonObject, param: string): void {
    const part = toPart({ type, fields, param }, this.#needs);
    if (part) this.#say([part]);
  }

  #call(type: string, item: JsonObject, param: string): void {
    const own = type === 'function_call' || type === 'custom_tool_call' ? item['name'] : type.slice(0, -CALL.length);
    const argument = item[ARGUMENTS[type] ?? ''] ?? severalActions(item);
    const sent = {
      id: item['call_id'] ?? item['id'],
      name: this.#nameOf(own, item),
      given: type === 'custom_tool_call' ? { input: argument ?? '' } : argument,
      param,
      signatureOf: (id: string) => this.#carried.ofCalls.get(id) ?? echoedSignature(item),
    };
    this.turns.push({ kind: 'model', parts: [], calls: [toPastCall(sent, this.#needs.wrappedTools)] });
  }

  #answer(item: JsonObject, output: unknown, param: string): void {
    const isError = item['status'] === 'failed';
    const said = readAnswerParts(output, param, this.#needs);
    const parts = isError && said.length === 0 ? [{ text: 'It failed.' }] : said;
    const name = this.#nameOf(item['name'], item);
    // By the name alone a call is found that its answer does not name by its id.
    const id = item['call_id'] ?? (name === undefined ? item['id'] : undefined);
    this.turns.push({ kind: 'answer', answer: toPastAnswer({ id, name, isError, parts }) });
  }

  /** The one name by which Gemini knows a tool of a namespace. */
  #nameOf(own: unknown, { namespace }: JsonObject): unknown {
    return typeof namespace === 'string' && namespace !== '' && typeof own === 'string'
      ? this.#needs.namespaces.join(namespace, own)
      : (own ?? undefined);
  }

  /** Of a text: it stands behind the message that was signed. */
  #sign(param: string): void {
    const signature = this.#carried.ofTexts.get(param);
    const last = this.turns.at(-1);
    if (signature === undefined || last?.kind !== 'model') return;
    this.turns[this.turns.length - 1] = { ...last, parts: withTextSignature(last.parts, signature) };
  }

  #recall(item: JsonObject): void {
    const summary = openSummary(item['encrypted_content']);
    if (summary === undefined) this.#needs.ignored.add('input (compaction)');
    else this.#say([{ text: `[summary of the conversation so far]\n${summary}` }]);
  }

  #showImage(item: JsonObject): void {
    const { result, output_format: format } = item;
    if (typeof result !== 'string' || result === '') return;
    const mimeType = typeof format === 'string' && /^\w+$/.test(format) ? `image/${format}` : 'image/png';
    const url = dataUrl({ kind: 'blob', candidate: 0, mimeType, data: result, signature: undefined });
    const part = toPart({ type: 'input_image', fields: { image_url: url }, param: 'input' }, this.#needs);
    if (part) this.turns.push({ kind: 'model', parts: [part], calls: [] });
  }
}

const CALL = '_call';

/** At a computer a call may be several. */
const severalActions = ({ actions }: JsonObject): unknown => (Array.isArray(actions) ? { actions } : undefined);

/** Read elsewhere, or a request and no content. */
const SILENT: ReadonlySet<string> = new Set(['additional_tools', 'compaction_trigger']);

/** A screenshot is a part of its own name. */
const outputOf = ({ output }: JsonObject): unknown =>
  isObject(output) && output['type'] === 'computer_screenshot' ? { ...output, type: 'input_image' } : output;

const toolNames = ({ tools }: JsonObject): string => {
  const names = Array.isArray(tools) ? tools.map((tool: unknown) => (isObject(tool) ? tool['name'] : undefined)) : [];
  return `Found: ${names.filter((name) => typeof name === 'string').join(', ')}`;
};
