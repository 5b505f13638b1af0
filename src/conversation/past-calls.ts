/** Calls that the model made before, as clients bring them back. */
import { splitSignedId } from '../gemini/signatures.ts';
import { isObject } from '../json.ts';
import { readArguments, type Arguments } from './arguments.ts';

/** A call of the history, in the client's own terms. */
export interface PastCall {
  /** Without a signature that another relay wrote into it; made from the position where the client gave none. */
  readonly id: string;
  readonly name: string;
  readonly args: Arguments;
  /** The arguments as the client knows them: with id and name, the key of its remembered signature. */
  readonly sentArgs: string | Arguments;
  readonly signature: string | undefined;
}

/** A call as it stands in the client's body. */
export interface SentCall {
  readonly id: unknown;
  readonly name: unknown;
  /** The arguments, as text or as they are. Of a custom call: `{input: …}`. */
  readonly given: unknown;
  /** The call's place in the body. */
  readonly param: string;
  /** Where the client keeps signatures beside its calls: the one for this id. */
  readonly signatureOf?: (id: string) => string | undefined;
}

/** `wrappedTools`: client names of tools whose arguments travel as `{"value": …}`. */
export const toPastCall = (sent: SentCall, wrappedTools: ReadonlySet<string>): PastCall => {
  const { given, param, signatureOf } = sent;
  const written = typeof sent.id === 'string' && sent.id !== '' ? sent.id : `call_${param.replace(/\W+/g, '_')}`;
  const { id, signature: inId } = splitSignedId(written);
  const name = typeof sent.name === 'string' && sent.name !== '' ? sent.name : UNKNOWN_FUNCTION;
  const read = readArguments(given);
  return {
    id,
    name,
    args: wrappedTools.has(name) ? wrapped(given, read) : read,
    sentArgs: typeof given === 'string' ? given : read,
    signature: signatureOf?.(written) ?? signatureOf?.(id) ?? inId,
  };
};

const UNKNOWN_FUNCTION = 'unknown_function';

/** What is no object arrives as `{"value": …}` already; an object is put there. */
const wrapped = (given: unknown, read: Arguments): Arguments => {
  const isWhole = typeof given === 'string' ? /^\s*\{/.test(given) : isObject(given);
  return isWhole ? { value: read } : read;
};
