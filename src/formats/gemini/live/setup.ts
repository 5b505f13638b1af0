/** What a client says in a session of the Live API, as far as the relay has to know. */
import { isUtf8 } from 'node:buffer';
import { LONG_BYTES } from '../../../engine/turns.ts';
import type { RelayError } from '../../../errors.ts';
import { failed } from '../../../errors.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { Catalogue, ResolvedModel } from '../../../gemini/catalogue.ts';
import { tokensOfLetters } from '../../../gemini/estimate.ts';
import { nameOfHandle } from '../../../gemini/live.ts';
import type { LiveSetup } from '../../../gemini/live.ts';
import { bareId } from '../../../gemini/offered-models.ts';
import { mentionedIn, shortName } from '../../../gemini/resources.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { writeLargeBody } from '../../../gemini/written-body.ts';
import { LARGE_LIMITS, MAX_VALUES, tooManyValues } from '../../../http/body-work.ts';
import { isObject, JsonError, parseJson, writeJson } from '../../../json.ts';
import { readLarge } from '../../../json/large.ts';
import type { WrittenStrings } from '../../../json/large-strings.ts';
import { holdsMoreValues } from '../../../json/values.ts';

export interface ReadSetup {
  readonly setup: LiveSetup;
  readonly resolved: ResolvedModel;
}

/** Google is sent what was read, not what was written: of two models in one message both would read another. */
export const readSetup = async (message: Buffer, catalogue: Pick<Catalogue, 'resolve'>): Promise<ReadSetup> => {
  const { body } = isLarge(message) ? await readLargeMessage(message) : { body: readMessage(message) };
  const { setup, ...others } = body;
  const [other] = Object.keys(others);
  if (!isObject(setup) || other !== undefined) {
    throw refusal('missing_required_parameter', 'setup', 'The first message has to be {"setup": …}, and nothing else.');
  }
  const { model, ...fields } = setup;
  if (typeof model !== 'string') {
    throw refusal('missing_required_parameter', 'setup.model', "Name a model: 'models/gemini-3.1-flash-live-preview'.");
  }
  const resolved = catalogue.resolve(bareId(shortName(model)), 'live');
  const { names, letters } = mentionedIn(setup);
  const handle = handleIn(setup);
  return {
    setup: {
      fields,
      model: resolved.id,
      names: handle === undefined ? names : [...names, nameOfHandle(handle)],
      tokens: Math.ceil(tokensOfLetters(letters)),
    },
    resolved,
  };
};

const handleIn = ({ sessionResumption, session_resumption: other }: JsonObject): string | undefined => {
  if (sessionResumption !== undefined && other !== undefined) {
    throw refusal('invalid_value', 'setup.sessionResumption', 'It stands there in two spellings.');
  }
  const resumption = sessionResumption ?? other;
  const handle = isObject(resumption) ? resumption['handle'] : undefined;
  return typeof handle === 'string' && handle !== '' ? handle : undefined;
};

/** What names something that Google keeps, what is hidden behind escapes, and what comes once only. */
const MARKS = ['files/', 'cachedContents/', '\\', 'setup'];

export interface Naming {
  readonly names: readonly string[];
  /** To be sent in place of what was written. */
  readonly message: Buffer;
}

/** Undefined for what names nothing: sound, pictures and most texts are not even parsed. */
export const namingIn = (message: Buffer): Naming | undefined | Promise<Naming> => {
  if (!MARKS.some((mark) => message.includes(mark))) return undefined;
  if (isLarge(message)) return namingInLarge(message);
  const body = readMessage(message);
  return { names: namesIn(body), message: Buffer.from(writeJson(body)) };
};

const namingInLarge = async (message: Buffer): Promise<Naming> => {
  const { body, written } = await readLargeMessage(message);
  return { names: namesIn(body), message: Buffer.concat(await writeLargeBody(body, written)) };
};

const namesIn = (body: JsonObject): readonly string[] => {
  if (body['setup'] !== undefined) throw refusal('invalid_value', 'setup', 'The session is set up already.');
  return mentionedIn(body).names;
};

/** To be read with turns for others in between. */
const isLarge = (message: Buffer): boolean => message.length > LONG_BYTES;

const readMessage = (message: Buffer): JsonObject => {
  if (!isUtf8(message)) throw notJson('it is not UTF-8');
  if (holdsMoreValues(message, MAX_VALUES)) throw tooManyValues();
  try {
    return toObject(parseJson(message.toString()));
  } catch (error) {
    throw toNotJson(error);
  }
};

const readLargeMessage = async (
  message: Buffer,
): Promise<{ readonly body: JsonObject; readonly written: WrittenStrings }> => {
  if (!isUtf8(message)) throw notJson('it is not UTF-8');
  try {
    const { value, written } = await readLarge(message, LARGE_LIMITS);
    return { body: toObject(value), written };
  } catch (error) {
    throw toNotJson(error);
  }
};

const toObject = (value: unknown): JsonObject => {
  if (!isObject(value)) throw notJson('it is no object');
  return value;
};

const toNotJson = (error: unknown): unknown => (error instanceof JsonError ? notJson(error.message) : error);

const notJson = (why: string): RelayError => failed('invalid_json', `This message is no JSON: ${why}.`);
