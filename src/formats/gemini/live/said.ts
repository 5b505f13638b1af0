/** What Google says in a session, as far as the relay has to know: tokens, and by what a session is taken up again. */
import type { UsageMetadata } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';

export interface Said {
  readonly usage: UsageMetadata | undefined;
  readonly handle: string | undefined;
}

const MARKS = ['"usageMetadata"', '"newHandle"'];

/** Undefined for most of it, which is not even parsed. */
export const saidIn = (message: Buffer): Said | undefined => {
  if (!MARKS.some((mark) => message.includes(mark))) return undefined;
  const body = parse(message);
  if (!isObject(body)) return undefined;
  const { usageMetadata, sessionResumptionUpdate } = body;
  const handle = isObject(sessionResumptionUpdate) ? sessionResumptionUpdate['newHandle'] : undefined;
  return {
    usage: isObject(usageMetadata) ? usageMetadata : undefined,
    handle: typeof handle === 'string' && handle !== '' ? handle : undefined,
  };
};

/** What cannot be read is the client's to complain about: it gets all as it came. */
const parse = (message: Buffer): unknown => {
  try {
    return JSON.parse(message.toString());
  } catch {
    return undefined;
  }
};
