/** What Google says in a session, as far as the relay has to know: tokens, and by what a session is taken up again. */
import { refuseHeavy } from '../../../gemini/answer-bounds.ts';
import type { KeepingKinds } from '../../../gemini/kept.ts';
import type { JsonObject, UsageMetadata } from '../../../gemini/types.ts';
import { isObject, parsePlain, writeJson } from '../../../json.ts';

/** Whose form a client speaks. */
export type LiveForm = KeepingKinds[number];

export interface Said {
  /** For the client: as it came, but for names that its form does not have. */
  readonly message: Buffer;
  readonly usage: UsageMetadata | undefined;
  readonly handle: string | undefined;
}

const MARKS = ['"usageMetadata"', '"newHandle"'];

/** Undefined for most of it, which is not even parsed. */
export const saidIn = (message: Buffer, form: LiveForm): Said | undefined => {
  if (!MARKS.some((mark) => message.includes(mark))) return undefined;
  const text = message.toString();
  refuseHeavy(text);
  const body = parsePlain(text);
  // What cannot be read is the client's to complain about: it gets all as it came.
  if (!isObject(body)) return undefined;
  const { usageMetadata, sessionResumptionUpdate } = body;
  const handle = isObject(sessionResumptionUpdate) ? sessionResumptionUpdate['newHandle'] : undefined;
  const renamed = isObject(usageMetadata) ? inNamesOf(form, usageMetadata) : undefined;
  return {
    message: renamed ? Buffer.from(writeJson({ ...body, usageMetadata: renamed })) : message,
    usage: isObject(usageMetadata) ? usageMetadata : undefined,
    handle: typeof handle === 'string' && handle !== '' ? handle : undefined,
  };
};

/** What comes out has a name of its own in each form. */
const NAMES: readonly Readonly<Record<LiveForm, string>>[] = [
  { 'gemini-api': 'responseTokenCount', vertex: 'candidatesTokenCount' },
  { 'gemini-api': 'responseTokensDetails', vertex: 'candidatesTokensDetails' },
];

/** Undefined where there is nothing to rename. */
const inNamesOf = (form: LiveForm, usage: JsonObject): JsonObject | undefined => {
  const other: LiveForm = form === 'vertex' ? 'gemini-api' : 'vertex';
  const renames = new Map(NAMES.map((names) => [names[other], names[form]]));
  const keys = Object.keys(usage);
  if (!keys.some((key) => renames.has(key))) return undefined;
  return Object.fromEntries(keys.map((key) => [renames.get(key) ?? key, usage[key]]));
};
