/**
 * Limits in Redis: one hash of each key. `s<second>` is `requests tokens` of one second, `d<day>` of a day, `m<month>`
 * `requests tokens costNanos` of a month, `c<relay>` what a relay answers at the moment. Time is Redis' own.
 * Beside them the receipts of each relay: what was done of the commands whose answers it has not heard yet, by their
 * numbers, so that what it gave up can be undone. One is `number, how active changed, then changes as in SETTLE`.
 */
import { script } from '../state/link.ts';

const SHARED = `
local function numbers(text)
  local found = {}
  for word in string.gmatch(text or '', '%S+') do found[#found + 1] = tonumber(word) end
  return found
end
local function written(...)
  local words = {}
  for index, value in ipairs({...}) do words[index] = string.format('%.0f', value) end
  return table.concat(words, ' ')
end
local function keepReceipt(key, number, oldest, active, changes)
  redis.call('ZADD', key, number, number .. ' ' .. active .. ' ' .. changes)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. oldest)
  redis.call('PEXPIRE', key, 3600000)
end`;

/** Days since 1970 to year and month (Howard Hinnant's civil_from_days). */
const CALENDAR = `
local function monthOf(days)
  local shifted = days + 719468
  local era = math.floor(shifted / 146097)
  local ofEra = shifted - era * 146097
  local year = math.floor((ofEra - math.floor(ofEra / 1460) + math.floor(ofEra / 36524) - math.floor(ofEra / 146096)) / 365)
  local ofYear = ofEra - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local shiftedMonth = math.floor((5 * ofYear + 2) / 153)
  local month = shiftedMonth < 10 and shiftedMonth + 3 or shiftedMonth - 9
  return string.format('%04d-%02d', year + era * 400 + (month <= 2 and 1 or 0), month)
end`;

/**
 * KEYS: the hash, the relays, the receipts, then values that begin with tokens which are asked for as well. ARGV: relay,
 * deadline, requests, tokens, costNanos, first, then eight limits ('' is none; of money in billionths), then what the
 * asking relay knows: minute requests and tokens, day and its two, month and its three; then what a token of those values
 * costs; last the command's number and the oldest that is not answered. What Redis does not know (any more) begins with
 * what the relay knows.
 * Answers {1 taken | 0 refused | -1 too late, now, second, day, month, day's two, month's three, active, minute's two, the
 * seconds of the minute, tokens of the values}.
 */
export const RESERVE = script(`${SHARED}${CALENDAR}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[2]) then return { -1 } end
local second, day = math.floor(now / 1000), math.floor(now / 86400000)
local month = monthOf(day)
local relay, first = ARGV[1], ARGV[6] == '1'
local kept = 0
for at = 4, #KEYS do
  kept = kept + tonumber(string.match(redis.call('GETRANGE', KEYS[at], 0, 15), '^%d+') or '0')
end
local asked = { tonumber(ARGV[3]), tonumber(ARGV[4]) + kept, tonumber(ARGV[5]) + kept * tonumber(ARGV[24]) }

local minuteRequests, minuteTokens, active = 0, 0, 0
local seconds, sums = {}, {}
local fields = redis.call('HGETALL', KEYS[1])
for at = 1, #fields, 2 do
  local field, value = fields[at], fields[at + 1]
  local kind, name = string.sub(field, 1, 1), string.sub(field, 2)
  if kind == 's' then
    local age = second - tonumber(name)
    if age >= 60 or age < -60 then redis.call('HDEL', KEYS[1], field)
    else
      local used = numbers(value)
      minuteRequests, minuteTokens = minuteRequests + used[1], minuteTokens + used[2]
      seconds[#seconds + 1] = { tonumber(name), used[1], used[2] }
    end
  elseif kind == 'c' then
    if name == relay or redis.call('ZSCORE', KEYS[2], name) then active = active + tonumber(value)
    else redis.call('HDEL', KEYS[1], field) end
  elseif field == 'd' .. day or field == 'm' .. month then sums[kind] = numbers(value)
  elseif (kind == 'd' and tonumber(name) < day - 1) or (kind == 'm' and name < monthOf(day - 40)) then
    redis.call('HDEL', KEYS[1], field)
  end
end

local isNew = sums.d == nil and sums.m == nil
if isNew and #seconds == 0 then
  minuteRequests, minuteTokens = tonumber(ARGV[15]), tonumber(ARGV[16])
  if minuteRequests > 0 or minuteTokens > 0 then
    seconds[1] = { second, minuteRequests, minuteTokens }
    redis.call('HSET', KEYS[1], 's' .. second, written(minuteRequests, minuteTokens))
  end
end
if not sums.d then
  sums.d = tonumber(ARGV[17]) == day and { tonumber(ARGV[18]), tonumber(ARGV[19]) } or { 0, 0 }
  redis.call('HSET', KEYS[1], 'd' .. day, written(sums.d[1], sums.d[2]))
end
if not sums.m then
  sums.m = ARGV[20] == month and { tonumber(ARGV[21]), tonumber(ARGV[22]), tonumber(ARGV[23]) } or { 0, 0, 0 }
  redis.call('HSET', KEYS[1], 'm' .. month, written(sums.m[1], sums.m[2], sums.m[3]))
end

local checks = {
  { minuteRequests, asked[1], first }, { minuteTokens, asked[2], true }, { active, 1, first },
  { sums.d[1], asked[1], first }, { sums.d[2], asked[2], true },
  { sums.m[1], asked[1], first }, { sums.m[2], asked[2], true }, { sums.m[3], asked[3], true },
}
local taken = 1
for at, check in ipairs(checks) do
  local most, used, wanted, strict = ARGV[6 + at], check[1], check[2], check[3]
  if most ~= '' and (at ~= 3 or first) then
    most = tonumber(most)
    if used + wanted > most or (used >= most and strict) then taken = 0 end
  end
end

if taken == 1 then
  minuteRequests, minuteTokens = minuteRequests + asked[1], minuteTokens + asked[2]
  local here = { 0, 0 }
  for _, one in ipairs(seconds) do if one[1] == second then here = { one[2], one[3] } end end
  redis.call('HSET', KEYS[1], 's' .. second, written(here[1] + asked[1], here[2] + asked[2]))
  sums.d = { sums.d[1] + asked[1], sums.d[2] + asked[2] }
  sums.m = { sums.m[1] + asked[1], sums.m[2] + asked[2], sums.m[3] + asked[3] }
  redis.call('HSET', KEYS[1], 'd' .. day, written(sums.d[1], sums.d[2]))
  redis.call('HSET', KEYS[1], 'm' .. month, written(sums.m[1], sums.m[2], sums.m[3]))
  local holdsPlace = first and ARGV[9] ~= ''
  if holdsPlace then
    redis.call('HINCRBY', KEYS[1], 'c' .. relay, 1)
    active = active + 1
  end
  local place = second .. ' ' .. day .. ' ' .. month .. ' '
  keepReceipt(KEYS[3], ARGV[25], ARGV[26], holdsPlace and 1 or 0, place .. written(asked[1], asked[2], asked[3]))
end
redis.call('PEXPIRE', KEYS[1], 3456000000)
return { taken, now, second, day, month, sums.d[1], sums.d[2], sums.m[1], sums.m[2], string.format('%.0f', sums.m[3]),
  active, minuteRequests, minuteTokens, taken == 1 and {} or seconds, kept }`);

/**
 * KEYS: the hash, the receipts. ARGV: relay, how `active` changes (`+-n`, `=n`, or '' for not at all), the command's number,
 * the oldest that is not answered, how many were given up, their numbers, then for each change second, day, month,
 * requests, tokens, costNanos. What was given up and done all the same is undone. Spans that Redis does not know begin with
 * what the next relay that asks knows.
 */
export const SETTLE = script(`${SHARED}
local function change(field, by, sign)
  local known = redis.call('HGET', KEYS[1], field)
  if not known then return end
  local used = numbers(known)
  for at, value in ipairs(used) do used[at] = value + sign * by[at] end
  redis.call('HSET', KEYS[1], field, written(unpack(used)))
end
local function changeAll(words, from, sign)
  for at = from, #words, 6 do
    local by = { tonumber(words[at + 3]), tonumber(words[at + 4]), tonumber(words[at + 5]) }
    change('s' .. words[at], by, sign)
    change('d' .. words[at + 1], by, sign)
    change('m' .. words[at + 2], by, sign)
  end
end
local changed = 0
local from = 6 + tonumber(ARGV[5])
for at = 6, from - 1 do
  local receipt = redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[at], ARGV[at])[1]
  if receipt then
    local words = {}
    for word in string.gmatch(receipt, '%S+') do words[#words + 1] = word end
    changeAll(words, 3, -1)
    changed = changed - tonumber(words[2])
    redis.call('ZREM', KEYS[2], receipt)
  end
end
changeAll(ARGV, from, 1)
local kind, count = string.sub(ARGV[2], 1, 1), tonumber(string.sub(ARGV[2], 2))
local own = kind == '+' and count or 0
keepReceipt(KEYS[2], ARGV[3], ARGV[4], own, table.concat(ARGV, ' ', from))
local field = 'c' .. ARGV[1]
if kind ~= '=' then
  changed = changed + own
  count = tonumber(redis.call('HGET', KEYS[1], field) or '0') + changed
end
if kind == '=' or changed ~= 0 then
  if count > 0 then redis.call('HSET', KEYS[1], field, count) else redis.call('HDEL', KEYS[1], field) end
end`);

export const LIMIT_SCRIPTS = [RESERVE, SETTLE];
