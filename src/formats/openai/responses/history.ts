/** The items of a request, with those that stand in kept answers: of the one it goes on from, and of those it refers to. */
import { failed } from '../../../errors.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject, parseJson, writeJson } from '../../../json.ts';
import type { KeptAnswer } from './kept.ts';
import type { ResponsesRequest, SentItem } from './request.ts';

/** Finds kept answers for who asks, and nobody else's. */
export interface PastResponses {
  find(id: string): KeptAnswer | undefined;
  findItem(itemId: string): KeptAnswer | undefined;
}

export interface ResolvedItems {
  readonly previous: KeptAnswer | undefined;
  /** Of this request, each in full. */
  readonly own: readonly SentItem[];
  /** The whole conversation. */
  readonly all: readonly SentItem[];
}

/** What comes from kept answers is held like a body that was sent. */
export interface RoomForKept {
  /** For what is referred to, written out each time. */
  readonly mostBytes: number;
  readonly mostValues: number;
  /** A promise where memory has to be waited for. */
  take(bytes: number): Promise<void> | undefined;
}

/** A promise where something kept is needed: most requests are whole in themselves. */
export const resolveItems = (
  request: ResponsesRequest,
  needs: () => { readonly past: PastResponses; readonly room: RoomForKept },
): ResolvedItems | Promise<ResolvedItems> =>
  needsKept(request) ? resolveKept(request, needs()) : { previous: undefined, own: request.items, all: request.items };

/** Of a request for which nothing is kept. */
export const refuseKept = ({ items, previous_response_id: previousId }: ResponsesRequest): void => {
  for (const sent of items) if (isReference(sent)) throw itemNotFound(idOf(sent), sent.param);
  if (previousId !== undefined) throw notFound(previousId);
};

const needsKept = ({ items, previous_response_id: previousId }: ResponsesRequest): boolean =>
  previousId !== undefined || items.some(isReference);

const resolveKept = async (
  { items: sent, previous_response_id: previousId }: ResponsesRequest,
  { past, room }: { readonly past: PastResponses; readonly room: RoomForKept },
): Promise<ResolvedItems> => {
  const own = sent.some(isReference) ? await resolvedBy(past, sent, room) : sent;
  if (previousId === undefined) return { previous: undefined, own, all: own };
  const previous = past.find(previousId);
  if (!previous) throw notFound(previousId);
  await room.take(chainOf(previous).reduce((sum, { texts }) => sum + texts.bytes, 0));
  const before = historyOf(previous).map((item): SentItem => ({ param: 'previous_response_id', item }));
  return { previous, own, all: [...before, ...own] };
};

/** All that was said up to the end of this answer. */
export const historyOf = (answer: KeptAnswer): readonly JsonObject[] => [...inputOf(answer), ...outputOf(answer)];

/** All that this answer was made from, in order. */
export const inputOf = (answer: KeptAnswer): readonly JsonObject[] =>
  chainOf(answer).flatMap((one) => (one === answer ? ownInputOf(one) : [...ownInputOf(one), ...outputOf(one)]));

/** The oldest first. */
const chainOf = (answer: KeptAnswer): readonly KeptAnswer[] => {
  const chain: KeptAnswer[] = [];
  for (let at: KeptAnswer | undefined = answer; at; at = at.previous) chain.push(at);
  return chain.reverse();
};

/** A text is a message of the user's; a message without an id gets one that stays the same. */
const ownInputOf = ({ id, texts }: KeptAnswer): readonly JsonObject[] => {
  const items = parseJson(texts.asked) as readonly (string | JsonObject)[];
  return items.map((item, index) => {
    const fields = typeof item === 'string' ? { role: 'user', content: [{ type: 'input_text', text: item }] } : item;
    const { type = 'message' } = fields;
    const made = `${type === 'message' ? 'msg' : 'item'}_${id.slice(id.indexOf('_') + 1)}_${index}`;
    return { type, ...fields, id: fields['id'] ?? made };
  });
};

const outputOf = ({ texts }: KeptAnswer): readonly JsonObject[] => {
  const { output } = parseJson(texts.response) as { readonly output: readonly JsonObject[] };
  return output;
};

/** Of the kept items that are referred to. */
export const referencesIn = (sent: readonly SentItem[]): readonly string[] =>
  sent.flatMap((one) => {
    if (!isReference(one) || !isObject(one.item)) return [];
    const { id } = one.item;
    return typeof id === 'string' ? [id] : [];
  });

const isReference = ({ item }: SentItem): boolean =>
  isObject(item) &&
  (item['type'] === 'item_reference' || (item['type'] === undefined && item['content'] === undefined && isBare(item)));

/** `{id}` alone: its type may be left out. */
const isBare = (item: JsonObject): boolean => typeof item['id'] === 'string' && Object.keys(item).length === 1;

const resolvedBy = async (
  past: PastResponses,
  sent: readonly SentItem[],
  room: RoomForKept,
): Promise<readonly SentItem[]> => {
  const found = findReferred(past, sent);
  let bytes = 0;
  let values = 0;
  for (const one of sent) {
    const item = isReference(one) ? found.get(idOf(one)) : undefined;
    bytes += item?.bytes ?? 0;
    values += item?.values ?? 0;
  }
  if (bytes > room.mostBytes || values > room.mostValues) throw tooMuchReferred(room);
  await room.take(bytes);
  return sent.map((one) => {
    const item = isReference(one) ? found.get(idOf(one)) : undefined;
    return item ? { param: one.param, item: item.item } : one;
  });
};

/** A kept item, and what it is once it is written. */
interface ReferredItem {
  readonly item: JsonObject;
  readonly bytes: number;
  readonly values: number;
}

/** Each kept answer is read once, however often and to however much of it a request refers. */
const findReferred = (past: PastResponses, sent: readonly SentItem[]): ReadonlyMap<string, ReferredItem> => {
  const references = sent.filter(isReference);
  const wanted = new Map<KeptAnswer, Set<string>>();
  for (const id of new Set(references.map(idOf))) {
    const answer = past.findItem(id);
    if (answer) wanted.set(answer, (wanted.get(answer) ?? new Set()).add(id));
  }
  const found = new Map<string, ReferredItem>();
  for (const [answer, ids] of wanted) {
    for (const item of [...outputOf(answer), ...ownInputOf(answer)]) {
      const id = String(item['id']);
      if (ids.has(id) && !found.has(id)) found.set(id, measured(item));
    }
  }
  for (const one of references) if (!found.has(idOf(one))) throw itemNotFound(idOf(one), one.param);
  return found;
};

const measured = (item: JsonObject): ReferredItem => ({
  item,
  bytes: Buffer.byteLength(writeJson(item)),
  values: valuesIn(item),
});

const valuesIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, one) => sum + valuesIn(one), 1);
};

const idOf = ({ item, param }: SentItem): string => {
  const id = isObject(item) ? item['id'] : undefined;
  if (typeof id === 'string') return id;
  throw refusal('missing_required_parameter', `${param}.id`, `'${param}.id' must be a string.`);
};

const itemNotFound = (id: string, param: string) =>
  failed('item_not_found', `No item '${id}' is kept here for this key; send it in full.`, { param });

const tooMuchReferred = ({ mostBytes, mostValues }: RoomForKept) =>
  failed(
    'request_too_large',
    `What 'input' refers to is more than the ${mostBytes} bytes (MAX_BODY_BYTES) or ${mostValues} values that this relay accepts in one request.`,
    { param: 'input' },
  );

const notFound = (id: string) =>
  refusal(
    'previous_response_not_found',
    'previous_response_id',
    `No response '${id}' is kept here for this key. Send the whole conversation in \`input\`.`,
  );
