/** How kept answers lie in Redis, and what is done with them there in one go. */
import { SIGNATURE_KEY } from '../../../gemini/shared-signatures.ts';
import type { FoundSignature } from '../../../gemini/shared-signatures.ts';
import type { RedisAnswer } from '../../../state/link.ts';
import { script } from '../../../state/link.ts';

export const ANSWER_KEY = 'response:';
export const ITEM_KEY = 'item:';
/** The ids of the answers that go on from one, by when they end. */
const CHILDREN_KEY = 'response-after:';

/** What Redis itself reads of an answer. */
export interface AnswerHead {
  /** The ids of those before it, the oldest first. */
  readonly before: readonly string[];
  /** Places of the signatures in all of it. */
  readonly signatures: readonly string[];
}

export interface StoredAnswer {
  /** By Redis' clock. From then on it is there for those that go on from it alone. */
  readonly foundUntil: number;
  readonly head: AnswerHead;
  readonly body: string;
}

/**
 * Three lines: tokens and until when it is found by itself, the head, the body. An item is its tokens and the id of its
 * answer. What an earlier version wrote has no time.
 */
export const readAnswer = (text: string): StoredAnswer | undefined => {
  const [line = '', head, body] = text.split('\n', 3);
  if (head === undefined || body === undefined) return undefined;
  const [, foundUntil = Infinity] = line.split(' ');
  return { foundUntil: Number(foundUntil), head: JSON.parse(head) as AnswerHead, body };
};

const SHARED = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function headIn(text) return cjson.decode(string.match(text, '^[^\\n]*\\n([^\\n]*)')) end
local function isHidden(line)
  local foundUntil = string.match(line, '^%d+ (%d+)')
  return foundUntil and tonumber(foundUntil) <= now
end`;

/**
 * KEYS: what keys of answers, of items and of lists of children begin with. ARGV: id, how long it is kept, tokens, head,
 * body, then each item and its tokens. Those before it stay as long as it does. Answers the ids of those that are not there.
 */
export const KEEP_ANSWER = script(`${SHARED}
local id, ms, before = ARGV[1], tonumber(ARGV[2]), cjson.decode(ARGV[4]).before
local line = ARGV[3] .. ' ' .. string.format('%.0f', now + ms)
redis.call('SET', KEYS[1] .. id, line .. '\\n' .. ARGV[4] .. '\\n' .. ARGV[5], 'PX', ms)
for at = 6, #ARGV, 2 do redis.call('SET', KEYS[2] .. ARGV[at], ARGV[at + 1] .. ' ' .. id, 'PX', ms) end
local function keepFor(key, lives)
  if redis.call('PTTL', key) < lives then redis.call('PEXPIRE', key, lives) end
end
local missing, child = {}, id
for at = #before, 1, -1 do
  local earlier, lives = before[at], math.max(ms, redis.call('PTTL', KEYS[1] .. child))
  local children = KEYS[3] .. earlier
  redis.call('ZREMRANGEBYSCORE', children, '-inf', now)
  redis.call('ZADD', children, now + lives, child)
  keepFor(children, lives)
  keepFor(KEYS[1] .. earlier, lives)
  if redis.call('EXISTS', KEYS[1] .. earlier) == 0 then missing[#missing + 1] = earlier end
  child = earlier
end
return missing`);

/**
 * KEYS: what keys of answers begin with. ARGV: id, how long it is kept, head, body. What Redis does not have (any more) of a
 * conversation: nobody finds it by itself.
 */
export const KEEP_EARLIER = script(
  `redis.call('SET', KEYS[1] .. ARGV[1], '0 0\\n' .. ARGV[3] .. '\\n' .. ARGV[4], 'NX', 'PX', ARGV[2])`,
);

/**
 * KEYS: as for KEEP_ANSWER. ARGV: id, ids of its items. While others go on from it, it is hidden; then those before it leave
 * with it that were hidden for its sake. Answers whether it could be found.
 */
export const FORGET_ANSWER = script(`${SHARED}
local function hasChildren(id) return redis.call('ZCOUNT', KEYS[3] .. id, '(' .. now, '+inf') > 0 end
local id = ARGV[1]
local text = redis.call('GET', KEYS[1] .. id)
if not text or isHidden(text) then return 0 end
for at = 2, #ARGV do redis.call('DEL', KEYS[2] .. ARGV[at]) end
if hasChildren(id) then
  local lives = redis.call('PTTL', KEYS[1] .. id)
  redis.call('SET', KEYS[1] .. id, '0 0' .. string.match(text, '\\n.*'), 'PX', lives)
  return 1
end
redis.call('DEL', KEYS[1] .. id, KEYS[3] .. id)
local before = headIn(text).before
for at = #before, 1, -1 do
  local earlier = before[at]
  redis.call('ZREM', KEYS[3] .. earlier, id)
  if not isHidden(redis.call('GETRANGE', KEYS[1] .. earlier, 0, 63)) or hasChildren(earlier) then break end
  redis.call('DEL', KEYS[1] .. earlier, KEYS[3] .. earlier)
  id = earlier
end
return 1`);

export const STORE_KEYS = [ANSWER_KEY, ITEM_KEY, CHILDREN_KEY];

/**
 * KEYS: what keys of answers, of items and of signatures begin with. ARGV: how many answers and how many items are asked
 * for, their ids, places of more signatures. Answers {the ids of the answers that were asked for or hold an item, id and text
 * of each of them and of those before them, place and text of their signatures}.
 */
export const LOAD_ANSWERS = script(`${SHARED}
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
  if isHidden(redis.call('GETRANGE', KEYS[1] .. id, 0, 63)) then return end
  asked[#asked + 1] = id
  local text = take(KEYS[1] .. id, id, answers)
  if not text then return end
  local head = headIn(text)
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

/** Run for requests. */
export const ANSWER_SCRIPTS = [LOAD_ANSWERS, KEEP_ANSWER];

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
