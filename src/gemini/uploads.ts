/** Uploads of several requests: what is begun with the first belongs to who began it, and goes on at its door. */
import { failed } from '../errors.ts';
import type { Asker, Creation, Keeper, Passage, Passed } from './kept.ts';
import type { Made } from './kept-kinds.ts';

export interface BegunUpload {
  readonly passed: Passed;
  /** The name by which it goes on, and what stands behind the path of its address. */
  readonly name: string;
  readonly search: string;
}

/** Google goes on with one for so long. */
const LASTS_MS = 7 * 24 * 3_600_000;
const NOTHING: Made = { names: {}, ends: [], lastsMs: 0 };

export const beginUpload = async (
  keeper: Keeper,
  passage: Passage,
  claims: Creation['claims'],
  asker: Asker,
  now: number,
): Promise<BegunUpload> => {
  const passed = await keeper.create(passage, { made: NOTHING, names: [], claims }, asker);
  const address = passed.headers['x-goog-upload-url'] ?? passed.headers['location'];
  const url = typeof address === 'string' ? URL.parse(address) : null;
  const id = url?.searchParams.get('upload_id');
  if (!url || !id) throw failed('upstream_bad_response', 'Google began an upload without an address for it.');
  const name = uploadName(id);
  await keeper.keep({ name, door: asker.record.door ?? '', owner: asker.caller.id, endsAt: now + LASTS_MS });
  return { passed, name, search: url.search };
};

export const uploadName = (id: string): string => `uploads/${id}`;
