/** What Redis does for the operations of `State`, each in one go and by its own clock. */
import { script } from './link.ts';

/** values, fences: a value, and the greatest fence that has written it, end together. */
export const GET_ALL = script(`return redis.call('MGET', unpack(KEYS))`);

export const PUT = script(`redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`);

/** The time is greater than it was under the lease before, also for a Redis that has forgotten everything. */
export const ACQUIRE = script(`
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
local time = redis.call('TIME')
local fence = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
redis.call('SET', KEYS[2], string.format('%.0f', fence))
return fence`);

export const RENEW = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`);

export const RELEASE = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`);

export const WRITE_FENCED = script(`
local greatest = tonumber(redis.call('GET', KEYS[2]) or '0')
if greatest > tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/** Fields by the number of their last change, and their values. ARGV: how long they stay, how many (the newest), then they. */
export const PUBLISH = script(`
for at = 3, #ARGV, 2 do
  local number = redis.call('HINCRBY', KEYS[2], '', 1)
  redis.call('ZADD', KEYS[1], number, ARGV[at])
  redis.call('HSET', KEYS[2], 'v' .. ARGV[at], ARGV[at + 1])
end
local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[2])
if over > 0 then
  for _, field in ipairs(redis.call('ZRANGE', KEYS[1], 0, over - 1)) do redis.call('HDEL', KEYS[2], 'v' .. field) end
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, over - 1)
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])`);

/** Who lives: the beat of a relay. Then of each topic what has changed since. A number that fell is of a new Redis. */
export const BEAT = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local answer = { now, redis.call('ZCARD', KEYS[1]) }
for topic = 0, (#KEYS - 1) / 2 - 1 do
  local log, known = KEYS[2 + topic * 2], KEYS[3 + topic * 2]
  local seen = tonumber(ARGV[3 + topic])
  local newest = tonumber(redis.call('HGET', known, '') or '0')
  if newest < seen then seen = 0 end
  local changes = { newest }
  if newest > seen then
    for _, field in ipairs(redis.call('ZRANGEBYSCORE', log, '(' .. seen, '+inf')) do
      changes[#changes + 1] = field
      changes[#changes + 1] = redis.call('HGET', known, 'v' .. field)
    end
  end
  answer[#answer + 1] = changes
end
return answer`);

/** Redis' time, and that of the oldest among the newest beats of those who live. */
export const OLDEST_BEAT = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = redis.call('ZRANGEBYSCORE', KEYS[1], now - tonumber(ARGV[1]), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return { now, oldest[2] or now }`);
