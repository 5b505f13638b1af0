/** The items of a request, with those that stand in kept answers: of the one it goes on from, and of those it refers to. */
import { failed } from '../../../errors.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject, parseJson } from '../../../json.ts';
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

export const resolveItems = (
  { items: sent, previous_response_id: previousId }: ResponsesRequest,
  pastOf: () => PastResponses,
): ResolvedItems => {
  const own = sent.some(isReference) ? resolvedBy(pastOf(), sent) : sent;
  if (previousId === undefined) return { previous: undefined, own, all: own };
  const previous = pastOf().find(previousId);
  if (!previous) throw notFound(previousId);
  const before = historyOf(previous).map((item): SentItem => ({ param: 'previous_response_id', item }));
  return { previous, own, all: [...before, ...own] };
};

/** All that was said up to the end of this answer. */
export const historyOf = (answer: KeptAnswer): readonly JsonObject[] => [...inputOf(answer), ...outputOf(answer)];

/** All that this answer was made from, in order. */
export const inputOf = (answer: KeptAnswer): readonly JsonObject[] => {
  const chain: KeptAnswer[] = [];
  for (let at: KeptAnswer | undefined = answer; at; at = at.previous) chain.unshift(at);
  return chain.flatMap((one) => (one === answer ? ownInputOf(one) : [...ownInputOf(one), ...outputOf(one)]));
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

const resolvedBy = (past: PastResponses, sent: readonly SentItem[]): readonly SentItem[] =>
  sent.map((item) => resolved(item, past));

const resolved = (sent: SentItem, past: PastResponses): SentItem => {
  const { item, param } = sent;
  if (!isReference(sent) || !isObject(item)) return sent;
  const { id } = item;
  if (typeof id !== 'string')
    throw refusal('missing_required_parameter', `${param}.id`, `'${param}.id' must be a string.`);
  const answer = past.findItem(id);
  const found = answer && [...outputOf(answer), ...ownInputOf(answer)].find((one) => one['id'] === id);
  if (found) return { param, item: found };
  throw failed('item_not_found', `No item '${id}' is kept here for this key; send it in full.`, { param });
};

const notFound = (id: string) =>
  refusal(
    'previous_response_not_found',
    'previous_response_id',
    `No response '${id}' is kept here for this key. Send the whole conversation in \`input\`.`,
  );
