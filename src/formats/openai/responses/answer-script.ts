/** How kept answers lie in Redis, and how all that somebody comes back to is found there in one go. */
import { SIGNATURE_KEY } from '../../../gemini/shared-signatures.ts';
import type { FoundSignature } from '../../../gemini/shared-signatures.ts';
import type { RedisAnswer } from '../../../state/link.ts';
import { script } from '../../../state/link.ts';

export const ANSWER_KEY = 'response:';
export const ITEM_KEY = 'item:';

/** What Redis itself reads of an answer. */
export interface AnswerHead {
  /** The ids of those before it, the oldest first. */
  readonly before: readonly string[];
  /** Places of the signatures in all of it. */
  readonly signatures: readonly string[];
}

/** An answer is tokens, head and body, each in a line; an item is its tokens and the id of its answer. */
export const writeAnswer = (tokens: number, head: AnswerHead, body: object): string =>
  `${tokens}\n${JSON.stringify(head)}\n${JSON.stringify(body)}`;

export const readAnswer = (text: string): { readonly head: AnswerHead; readonly body: string } | undefined => {
  const [, head, body] = text.split('\n', 3);
  return head === undefined || body === undefined ? undefined : { head: JSON.parse(head) as AnswerHead, body };
};

export const writeItem = (tokens: number, answerId: string): string => `${tokens} ${answerId}`;

/**
 * KEYS: what keys of answers, of items and of signatures begin with. ARGV: how many answers and how many items are asked
 * for, their ids, places of more signatures. Answers {the ids of the answers that were asked for or hold an item, id and text of each of them and of
 * those before them, place and text of their signatures}.
 */
export const LOAD_ANSWERS = script(`
local asked, answers, signatures, seen = {}, {}, {}, {}
local function take(key, name, list)
  if seen[key] then return end
  seen[key] = true
  local text = redis.call('GET', key)
  if not text then return end
  list[#list + 1] = name
  list[#list + 1] = text
  return text
end
local function takeWhole(id)
  asked[#asked + 1] = id
  local text = take(KEYS[1] .. id, id, answers)
  local head = text and string.match(text, '^%d+\\n([^\\n]*)')
  if not head then return end
  head = cjson.decode(head)
  for _, before in ipairs(head.before) do take(KEYS[1] .. before, before, answers) end
  for _, place in ipairs(head.signatures) do take(KEYS[3] .. place, place, signatures) end
end
local firstItem = 3 + tonumber(ARGV[1])
local firstPlace = firstItem + tonumber(ARGV[2])
for at = 3, #ARGV do
  if at < firstItem then takeWhole(ARGV[at])
  elseif at < firstPlace then
    local item = redis.call('GET', KEYS[2] .. ARGV[at])
    if item then takeWhole(string.match(item, ' (.*)$')) end
  else take(KEYS[3] .. ARGV[at], ARGV[at], signatures) end
end
return { asked, answers, signatures }`);

export const LOAD_KEYS = [ANSWER_KEY, ITEM_KEY, SIGNATURE_KEY];

export interface FoundAnswers {
  readonly asked: readonly string[];
  readonly texts: ReadonlyMap<string, string>;
  readonly signatures: readonly FoundSignature[];
}

export const readFound = (answer: RedisAnswer): FoundAnswers => {
  const [asked = [], answers = [], signatures = []] = listsIn(answer).map((list) => listsIn(list).map(String));
  return {
    asked,
    texts: new Map(pairsIn(answers)),
    signatures: pairsIn(signatures).map(([place, text]) => ({ place, text })),
  };
};

const listsIn = (answer: RedisAnswer): readonly RedisAnswer[] => (typeof answer === 'object' && answer ? answer : []);

const pairsIn = (flat: readonly string[]): (readonly [string, string])[] =>
  flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : []));
