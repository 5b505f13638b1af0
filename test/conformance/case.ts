import type { Fault, Target } from '../../src/simulator/fault-queue.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { DoorName, TestRelay } from '../support/relay.ts';

export type Body = Readonly<Record<string, unknown>>;

/** What differs between the doors says so, and why; the rest is the same for all. */
export interface ByDoor<T> {
  readonly why: string;
  readonly usual: T;
  readonly except: Readonly<Partial<Record<DoorName, T>>>;
}

export type Same<T> = T | ByDoor<T>;

export const differs = <T>(why: string, usual: T, except: ByDoor<T>['except']): ByDoor<T> => ({ why, usual, except });

export const isByDoor = <T>(value: Same<T>): value is ByDoor<T> =>
  typeof value === 'object' && value !== null && 'why' in value && 'except' in value;

export const at = <T>(value: Same<T>, door: DoorName): T =>
  isByDoor(value) ? (value.except[door] ?? value.usual) : value;

export interface Ask {
  readonly path: string;
  readonly body: Body;
}

export type Family = 'openai' | 'anthropic' | 'gemini';

/** What a client got. A streamed answer is its text. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where the text is no JSON: a stream of events. */
  readonly json: Body | undefined;
}

/** Anthropic's clients get what OpenAI's do where nothing else is said. */
export interface Statuses {
  readonly openai: number;
  readonly gemini: number;
  readonly anthropic?: number;
}

export interface Case {
  readonly name: string;
  /** One question in the words of each family; or of some, where the others have no such thing. */
  readonly openai?: Ask;
  readonly anthropic?: Ask;
  readonly gemini?: Ask;
  /** What Google does beforehand. */
  readonly faults?: Same<readonly Fault[]>;
  readonly prepare?: (simulator: Simulator, relay: TestRelay) => void;
  /** Whole and streamed where nothing is said. */
  readonly form?: 'whole' | 'streamed';
  /** Default 200. Two where the families have words of their own for it. */
  readonly status?: Same<number | Statuses>;
  /** In every answer, whichever family. */
  readonly says?: Same<string | RegExp>;
  readonly unsaid?: RegExp;
  /** The error's code for OpenAI's clients, its status for Google's; for Anthropic's the HTTP status has its type. */
  readonly code?: Same<readonly [openai: string | null, gemini: string]>;
  /** Headers of the answer. */
  readonly headers?: Body;
  /** What counts as a call; generating where nothing is said. */
  readonly operation?: Same<Target>;
  /** Calls that reached Google. Default 1. */
  readonly calls?: Same<number>;
  /** The model that Google was asked for last. */
  readonly model?: Same<string>;
  /** Members of the request that Google got last, without any envelope (`toMatchObject`). */
  readonly sent?: Same<Body>;
  /** Paths into it that must not be there. */
  readonly unsent?: Same<readonly string[]>;
}

export const chat = (text: string, more: Body = {}): Ask => ({
  path: '/v1/chat/completions',
  body: { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: text }], ...more },
});

/** The same family in its other words. */
export const responses = (input: unknown, more: Body = {}): Ask => ({
  path: '/v1/responses',
  body: { model: 'gemini-2.5-flash', input, ...more },
});

export const generate = (text: string, more: Body = {}, model = 'gemini-2.5-flash'): Ask => ({
  path: `/v1beta/models/${model}:generateContent`,
  body: { contents: [{ role: 'user', parts: [{ text }] }], ...more },
});

/** Anthropic's words. */
export const messages = (content: unknown, more: Body = {}): Ask => ({
  path: '/v1/messages',
  body: { model: 'gemini-2.5-flash', max_tokens: 4096, messages: [{ role: 'user', content }], ...more },
});

/** The same question in every family's words. */
export const inAll = (text: string, model = 'gemini-2.5-flash'): Required<Pick<Case, Family>> => ({
  openai: chat(text, { model }),
  anthropic: messages(text, { model }),
  gemini: generate(text, {}, model),
});

export const streamed = ({ path, body }: Ask): Ask =>
  path.endsWith(':generateContent')
    ? { path: `${path.replace(':generateContent', ':streamGenerateContent')}?alt=sse`, body }
    : { path, body: { ...body, stream: true } };
