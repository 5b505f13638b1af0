import { createHash } from 'node:crypto';
import { callsToMake } from './answer-calls.ts';
import { groundingFor } from './answer-grounding.ts';
import { responsesOf, currentTurn, textOf } from './check-contents.ts';
import { hasTool } from './check-tools.ts';
import type { Model, ThinkingLevel } from './models.ts';
import { wishesIn, type Wishes } from './phrases.ts';
import { summaryOf } from './summary.ts';
import { PNG } from './picture.ts';
import type { Question } from './question.ts';
import { sampleOf } from './sample.ts';
import { schemaInWords } from './schema-in-words.ts';
import { heardIn, spoken, timedTranscript, tokensOfSound, transcriptOf } from './sound.ts';
import { signature } from './signatures.ts';
import { cutToTokens, tokensOfPart, tokensOfRequest, tokensOfText } from './token-count.ts';
import { fieldsListOf, fieldsOf, listOf, numberOf, stringOf, type Fields } from './values.ts';

export interface Candidate {
  /** Shown to the client only where it asked for thoughts. */
  readonly thought: string | undefined;
  readonly parts: readonly Fields[];
  readonly finishReason: string;
  /** For the end of a text answer. */
  readonly signature: string | undefined;
  /** Members of the candidate beside its content, sent with its end. */
  readonly beside: Fields;
}

export interface Answer {
  /** The same for the same question. */
  readonly id: string;
  readonly promptTokens: number;
  /** Of the prompt's. */
  readonly soundTokens: number;
  readonly thoughtTokens: number;
  readonly blockReason: string | undefined;
  readonly candidates: readonly Candidate[];
  readonly wishes: Wishes;
}

const SHORT = 400;

const shorten = (text: string): string => (text.length > SHORT ? `${text.slice(0, SHORT)}…` : text);

export const userTextOf = (request: Fields): string => {
  const contents = fieldsListOf(request.contents);
  // What stands behind the answers of functions is mostly an agent's own remark, but not this.
  const behind = textOf(contents.at(-1) ?? {});
  const [newest] = currentTurn(contents);
  return wishesIn(behind).summary ? behind : textOf(newest ?? {});
};

const TOKENS_OF_LEVEL = { MINIMAL: 0, LOW: 8, MEDIUM: 40, HIGH: 80, XHIGH: 160 } satisfies Record<
  ThinkingLevel,
  number
>;
const DYNAMIC = 40;

const thinkingTokens = ({ thinking }: Model, config: Fields, hard: boolean): number => {
  if (!thinking) return 0;
  const budget = numberOf(config.thinkingBudget);
  const wanted = (tokens: number): number => tokens * (hard ? 10 : 1);
  // Most models of levels take a budget of 0 and think all the same.
  const isObeyed = budget !== 0 || thinking.by === 'budget' || thinking.zero === 'off';
  if (budget !== undefined && budget >= 0 && isObeyed) return Math.min(budget, wanted(DYNAMIC));
  if (thinking.by === 'budget') return budget === -1 || thinking.initially ? wanted(DYNAMIC) : 0;
  return wanted(TOKENS_OF_LEVEL[(stringOf(config.thinkingLevel) || thinking.initially) as ThinkingLevel]);
};

const JSON_ANSWER = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] };

const structured = (request: Fields, text: string): string | undefined => {
  const config = fieldsOf(request.generationConfig);
  const inWords = schemaInWords(request);
  const schema = config.responseJsonSchema ?? config.responseSchema ?? inWords;
  const heard = heardIn(request);
  const timed = heard && timedTranscript(schema, heard);
  if (timed) return JSON.stringify(timed);
  if (config.responseMimeType === 'application/json') return JSON.stringify(sampleOf(schema ?? JSON_ANSWER, text));
  if (config.responseMimeType === 'text/x.enum') return String(sampleOf(schema ?? {}, text));
  return inWords && JSON.stringify(sampleOf(inWords, text));
};

const sentenceFor = ({ model, request }: Question, wishes: Wishes, text: string): string => {
  if (wishes.exactly !== undefined) return wishes.exactly;
  const heard = heardIn(request);
  if (heard) return transcriptOf(heard);
  if (wishes.words !== undefined) {
    return Array.from({ length: wishes.words }, (_, index) => `word${index + 1}`).join(' ');
  }
  if (wishes.summary) return summaryOf(fieldsListOf(request.contents));
  if (wishes.unicode) return 'Un café à Zürich costs 4 € — 😀 naïve, 日本語 too.';
  const responses = currentTurn(fieldsListOf(request.contents)).flatMap(responsesOf);
  if (responses.length > 0) {
    const quoted = responses.map(({ name, response }) => `${stringOf(name)} ${JSON.stringify(response)}`);
    return `The functions answered: ${quoted.join('; ')}`;
  }
  const web = hasTool(request, 'googleSearch') ? 'According to the web — as of today — this is so. ' : '';
  return `${web}Simulated ${model.id} here. You said: "${shorten(text)}"`;
};

const picture = (config: Fields): readonly Fields[] => {
  const modalities = listOf(config.responseModalities);
  const wants = (modality: string): boolean => modalities.length === 0 || modalities.includes(modality);
  return [
    ...(wants('TEXT') ? [{ text: 'Here is your picture. ' }] : []),
    ...(wants('IMAGE') ? [{ inlineData: { mimeType: 'image/png', data: PNG } }] : []),
  ];
};

const CODE = [
  { executableCode: { language: 'PYTHON', code: 'print(6 * 7)' } },
  { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42\n' } },
];

const partsFor = (question: Question, wishes: Wishes, text: string): readonly Fields[] => {
  const { model, request } = question;
  const config = fieldsOf(request.generationConfig);
  if (wishes.nothing) return [];
  const calls = callsToMake(question, wishes, text);
  if (calls.length > 0) return calls;
  if (model.kind === 'image') return picture(config);
  if (model.kind === 'speech') return spoken(text);
  const sentence = structured(request, shorten(text)) ?? sentenceFor(question, wishes, text);
  return [...(hasTool(request, 'codeExecution') ? CODE : []), { text: sentence }];
};

/** Ends a text before the first stop sequence, and an answer where its tokens run out. */
const limited = (parts: readonly Fields[], stops: readonly string[], most: number) => {
  const kept: Fields[] = [];
  let left = most;
  for (const part of parts) {
    if (part.text === undefined) {
      left -= tokensOfPart(part);
      if (left < 0) return { kept, ended: 'MAX_TOKENS' };
      kept.push(part);
      continue;
    }
    const text = stringOf(part.text);
    const ends = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
    const stopped = text.slice(0, Math.min(text.length, ...ends));
    const cut = cutToTokens(stopped, left);
    if (cut !== '') kept.push({ ...part, text: cut });
    if (cut !== stopped) return { kept, ended: 'MAX_TOKENS' };
    if (ends.length > 0) return { kept, ended: 'STOP' };
    left -= tokensOfText(cut);
  }
  return { kept, ended: 'STOP' };
};

const logprobsFor = (config: Fields, parts: readonly Fields[]): Fields => {
  if (config.responseLogprobs !== true) return {};
  const words = parts.flatMap((part) => stringOf(part.text).match(/\s*\S+/g) ?? []);
  const chosenCandidates = words.map((token, index) => ({ token, tokenId: index + 100, logProbability: -0.25 }));
  const others = numberOf(config.logprobs) ?? 0;
  const topCandidates = chosenCandidates.map((chosen) => ({
    candidates: Array.from({ length: others }, (_, rank) =>
      rank === 0 ? chosen : { token: ` other${rank}`, tokenId: rank, logProbability: -0.25 - rank },
    ),
  }));
  return {
    avgLogprobs: -0.25,
    logprobsResult: { chosenCandidates, ...(others > 0 && { topCandidates }), logProbabilitySum: -0.25 * words.length },
  };
};

/** Gemini 3 signs the first call of a step, or the end of a text; of pictures each, and the text before them. */
const signed = ({ door, model }: Question, id: string, parts: readonly Fields[]): readonly Fields[] => {
  if (model.generation !== '3') return parts;
  const firstCall = parts.findIndex((part) => part.functionCall !== undefined);
  return parts.map((part, index) =>
    index === firstCall || (model.kind === 'image' && (index === 0 || part.inlineData !== undefined))
      ? { ...part, thoughtSignature: signature(door, model.generation, `${id} ${index}`) }
      : part,
  );
};

/** They sign what they make, or nothing. */
const MEDIA_KINDS: ReadonlySet<Model['kind']> = new Set(['image', 'speech']);

/** The simulated model: the same question, the same answer. */
export const answerTo = (question: Question): Answer => {
  const { door, model, request } = question;
  const config = fieldsOf(request.generationConfig);
  const thinkingConfig = fieldsOf(config.thinkingConfig);
  const text = userTextOf(request);
  const wishes = wishesIn(text);
  const id = createHash('sha256').update(model.id).update(JSON.stringify(request)).digest('base64url').slice(0, 22);
  const most = numberOf(config.maxOutputTokens) ?? model.outputLimit;
  const thoughtTokens = Math.min(thinkingTokens(model, thinkingConfig, wishes.thinkHard), most);
  const promptTokens = tokensOfRequest(request);
  const soundTokens = fieldsListOf(request.contents)
    .flatMap((content) => fieldsListOf(content.parts))
    .reduce((sum, part) => sum + (tokensOfSound(part) ?? 0), 0);
  const shared = { id, promptTokens, soundTokens, thoughtTokens, wishes };
  if (wishes.blocked) return { ...shared, thoughtTokens: 0, blockReason: 'PROHIBITED_CONTENT', candidates: [] };

  const parts = partsFor(question, wishes, text);
  const stops = listOf(config.stopSequences).map(stringOf);
  const candidates = Array.from({ length: numberOf(config.candidateCount) ?? 1 }, (_, index): Candidate => {
    const own = index === 0 ? parts : [...parts, { text: ` (answer ${index + 1})` }];
    const { kept, ended } = limited(own, stops, most - thoughtTokens);
    const shown = signed(question, `${id} ${index}`, kept);
    const endsWithText = kept.length > 0 && kept.every((part) => part.functionCall === undefined);
    const isSigned = model.generation === '3' && !MEDIA_KINDS.has(model.kind) && endsWithText;
    return {
      thought:
        thinkingConfig.includeThoughts === true && thoughtTokens > 0
          ? `**Reading the question**\n\nThe user wrote ${text.length} characters; a plain answer will do.\n\n`
          : undefined,
      parts: shown,
      finishReason: wishes.finishReason ?? ended,
      signature: isSigned ? signature(door, model.generation, `${id} ${index} end`) : undefined,
      beside: {
        ...(wishes.finishReason === 'MALFORMED_FUNCTION_CALL' && {
          finishMessage: 'Malformed function call: print(default_api.',
        }),
        ...logprobsFor(config, kept),
        ...groundingFor(request, kept, text),
      },
    };
  });
  return { ...shared, blockReason: undefined, candidates };
};
