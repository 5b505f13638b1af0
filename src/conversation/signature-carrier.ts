/**
 * A thought signature inside a field that clients keep and send back without looking into it: `encrypted_content` of a
 * reasoning item, `signature` of a thinking block.
 */
import { isSignature } from '../gemini/signatures.ts';
import { isObject } from '../json.ts';

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
  const inside = parse(Buffer.from(value.slice(TAG.length), 'base64url').toString());
  if (!isObject(inside) || inside['m'] !== family || !isSignature(inside['s'])) return undefined;
  const { s: signature, k: kind, id } = inside;
  if (kind === 'text') return { signature, family, callId: undefined };
  return typeof id === 'string' && id !== '' ? { signature, family, callId: id } : undefined;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
