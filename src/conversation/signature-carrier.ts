/**
 * A thought signature inside a field that clients keep and send back without looking into it: `encrypted_content` of a
 * reasoning item, `signature` of a thinking block.
 */
import { isSignature } from '../gemini/signatures.ts';
import { isObject, parsePlain } from '../json.ts';

export interface CarriedSignature {
  readonly signature: string;
  /** Of the model that signed: another family takes it for damaged. */
  readonly family: string;
  /** The call that was signed; undefined where it was a text. */
  readonly callId: string | undefined;
}

const TAG = 'gts1.';

export const writeCarrier = ({ signature, family, callId }: CarriedSignature): string => {
  const inside = { s: signature, m: family, k: callId === undefined ? 'text' : 'call', id: callId };
  return TAG + Buffer.from(JSON.stringify(inside)).toString('base64url');
};

/** Undefined for what another service wrote, and for what did not come back whole: both are no fault of the client's. */
export const readCarrier = (value: unknown, family: string): CarriedSignature | undefined => {
  if (typeof value !== 'string' || !value.startsWith(TAG)) return undefined;
  const inside = parsePlain(Buffer.from(value.slice(TAG.length), 'base64url').toString());
  if (!isObject(inside) || inside['m'] !== family || !isSignature(inside['s'])) return undefined;
  const { s: signature, k: kind, id } = inside;
  if (kind === 'text') return { signature, family, callId: undefined };
  return typeof id === 'string' && id !== '' ? { signature, family, callId: id } : undefined;
};

/**
 * In place of a signature that comes too late for its field, with the last of a text whose block was closed before: the
 * name under which it is remembered.
 */
export const writeReference = (reference: string): string =>
  TAG + Buffer.from(JSON.stringify({ r: reference })).toString('base64url');

export const readReference = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || !value.startsWith(TAG)) return undefined;
  const inside = parsePlain(Buffer.from(value.slice(TAG.length), 'base64url').toString());
  return isObject(inside) && typeof inside['r'] === 'string' ? inside['r'] : undefined;
};
