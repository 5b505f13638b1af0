/**
 * Thought signatures. From Gemini 3 on, the first function call of each step must come back with the signature that
 * Google gave it; most clients keep only the call's id, name and arguments.
 */
import { hash } from 'node:crypto';
import { isObject, isRawNumber, parseJson } from '../json.ts';
import type { System } from '../system.ts';
import { createSigners } from './signers.ts';

/** What Google accepts in place of a signature that is lost. */
export const SENTINEL = 'skip_thought_signature_validator';

/**
 * Base64 of at least one byte, in either alphabet and with or without its padding: Google sends the standard form and
 * reads all of them, and some clients write bytes again in their own way. Anything else would be answered "Corrupted
 * thought signature".
 */
export const isSignature = (value: unknown): value is string => {
  if (typeof value !== 'string' || value === SENTINEL || !BASE64.test(value)) return false;
  const padding = value.indexOf('=');
  return padding === -1 ? value.length % 4 !== 1 : value.length % 4 === 0;
};

const BASE64 = /^(?:[A-Za-z\d+/]{2,}|[A-Za-z\d_-]{2,})={0,2}$/;

/** What identifies a call: `args` is JSON text. */
export interface SignedCall {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/** Who signed: a signature is no good for another family of models or another account. */
export interface SignatureSource {
  readonly family: string;
  readonly account: string;
}

/** An optimization only: whatever is lost here is replaced by the sentinel. */
export interface SignatureCache {
  remember(call: SignedCall, signature: string, from: SignatureSource): void;
  /** Of that family's, whoever signed: which door answers is known later, and `isAnothers` then. */
  recall(call: SignedCall, family: string): string | undefined;
  /** What another process has remembered at this place. */
  learn(place: string, signature: string, family: string): void;
  /** Seen in an answer that is passed on as it is. */
  note(signature: string, from: SignatureSource): void;
  /** Whether anybody else is known to have signed anything. */
  knowsOthersThan(from: SignatureSource): boolean;
  /** Known to be signed by somebody else. */
  isAnothers(signature: string, from: SignatureSource): boolean;
  /** Google refused these signatures. */
  forget(signatures: readonly string[]): void;
  size(): number;
  /** Whoever looks for one, or goes without, counts it here. */
  readonly counts: Record<SignatureResult, number>;
}

/** `bypass`: in its place went what Google takes for one that is lost. */
export type SignatureResult = 'hit' | 'miss' | 'bypass';

export interface SignatureLimits {
  readonly entries: number;
  readonly bytes: number;
  readonly ageMs: number;
}

export const SIGNATURE_LIMITS: SignatureLimits = {
  entries: 20_000,
  bytes: 64 * 1024 * 1024,
  ageMs: 6 * 60 * 60 * 1000,
};

interface Entry extends SignatureSource {
  readonly signature: string;
  readonly storedAt: number;
}

export const createSignatureCache = (limits: SignatureLimits, system: Pick<System, 'monotonic'>): SignatureCache => {
  // A Map keeps the order of insertion: the first entry is the one that was not used for longest.
  const entries = new Map<string, Entry>();
  let bytes = 0;
  const signers = createSigners();

  const remove = (key: string): void => {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    bytes -= sizeOf(entry);
  };
  const add = (key: string, entry: Entry): void => {
    remove(key);
    entries.set(key, entry);
    bytes += sizeOf(entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= limits.entries && bytes <= limits.bytes) break;
      remove(oldest);
    }
  };

  return {
    remember: (call, signature, { family, account }) => {
      if (!isSignature(signature)) return;
      signers.note(signature, { family, account });
      add(placeOf(call), { signature, family, account, storedAt: system.monotonic() });
    },
    learn: (place, signature, family) => {
      if (isSignature(signature)) add(place, { signature, family, account: '', storedAt: system.monotonic() });
    },
    ...signers,
    recall: (call, family) => {
      // Before Gemini 3 there are none, and a history may hold hundreds of calls.
      if (entries.size === 0) return undefined;
      const key = placeOf(call);
      const entry = entries.get(key);
      if (!entry) return undefined;
      if (system.monotonic() - entry.storedAt > limits.ageMs) {
        remove(key);
        return undefined;
      }
      if (entry.family !== family) return undefined;
      add(key, entry);
      return entry.signature;
    },
    forget: (signatures) => {
      const refused = new Set(signatures.map(standardForm));
      for (const [key, entry] of entries) if (refused.has(standardForm(entry.signature))) remove(key);
    },
    size: () => entries.size,
    counts: { hit: 0, miss: 0, bypass: 0 },
  };
};

/** Ids as other relays write them, with the signature inside: `call_1__thought__…`, `call_1__sig__…`. */
export const splitSignedId = (id: string): { readonly id: string; readonly signature?: string } => {
  for (const mark of ['__thought__', '__sig__']) {
    const at = id.indexOf(mark);
    if (at <= 0) continue;
    const signature = id.slice(at + mark.length);
    return isSignature(signature) ? { id: id.slice(0, at), signature } : { id: id.slice(0, at) };
  }
  return { id };
};

/** One spelling for all of the same bytes. */
const standardForm = (signature: string): string =>
  signature.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', '');

/** Room for the key and for what a Map entry costs. */
const ENTRY_BYTES = 256;
const sizeOf = (entry: Entry): number =>
  entry.signature.length + entry.family.length + entry.account.length + ENTRY_BYTES;

/** Where a call's signature is kept. */
export const placeOf = ({ id, name, args }: SignedCall): string =>
  hash('sha256', JSON.stringify([id, name, canonicalArgs(args)]), 'base64');

/** Clients parse and write arguments again: order of keys, white space and spelling of numbers must not matter. */
const canonicalArgs = (args: string): string => {
  const text = args.trim() || '{}';
  try {
    return canonical(parseJson(text));
  } catch {
    return text;
  }
};

const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isObject(value)) {
    const members = Object.keys(value).sort();
    return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
  }
  if (!isRawNumber(value)) return JSON.stringify(value);
  // 1.0 and 1e2 are 1 and 100 after a round through JavaScript; an integer too large for it keeps its digits.
  return /^-?\d+$/.test(value.rawJSON) ? value.rawJSON : String(Number(value.rawJSON));
};
