-- The one commit of a transition: state, deadline, trail entries and outbox together, or nothing.
--
-- Redis runs it alone, so nothing can come between the check of the version and the writes; Redis TIME is the only
-- clock. Written for Redis 6.2. Keys other than KEYS[1] are built from the prefix: a cluster is not supported.
--
-- KEYS[1] the request   ARGV: prefix, id, expected version, new version, new state, body, due (ms or ''),
--   valid from (ms or ''), valid until (ms or ''), grace (ms until the outbox drives an effect by itself),
--   n entries, then per entry: hash, JSON;  n effects, then per effect: id, JSON;
--   n extras, then per extra: command, key, value  (SET once, ZADD with the time, ZREM, SADD,
--   KEEP once with the time, of the last thirty days the newest 200)
-- In front of it, in one script, stands opening.lua where a request is new.
local prefix, id = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A plain string "version state body" takes some 200 bytes less than a hash of the three.
local held = redis.call('GET', KEYS[1])
local version, state = '0', nil
if held then version, state = string.match(held, '^(%d+) (%l+) ') end
if version ~= ARGV[3] then
  return {'raced', version, now}
end
if ARGV[8] ~= '' and now < tonumber(ARGV[8]) then
  return {'early', version, now}
end
if ARGV[9] ~= '' and now >= tonumber(ARGV[9]) then
  return {'late', version, now}
end

redis.call('SET', KEYS[1], ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6])
if state ~= ARGV[5] then
  local score = now
  if state then
    score = redis.call('ZSCORE', prefix .. 'in:' .. state, id) or now
    redis.call('ZREM', prefix .. 'in:' .. state, id)
  end
  redis.call('ZADD', prefix .. 'in:' .. ARGV[5], score, id)
end
if ARGV[7] == '' then
  redis.call('ZREM', prefix .. 'deadlines', id)
else
  redis.call('ZADD', prefix .. 'deadlines', ARGV[7], id)
end

local at = 11
local entries = tonumber(ARGV[at])
if entries > 0 then
  local last = redis.call('HMGET', prefix .. 'trail:head', 'number', 'hash')
  local number, after = tonumber(last[1] or '0'), last[2] or string.rep('0', 16)
  for _ = 1, entries do
    number = number + 1
    redis.call('XADD', prefix .. 'trail', number .. '-0', 'after', after, 'entry', ARGV[at + 2])
    redis.call('RPUSH', prefix .. 'steps:' .. id, number)
    after = string.sub(ARGV[at + 1], 1, 16)
    at = at + 2
  end
  redis.call('HSET', prefix .. 'trail:head', 'number', number, 'hash', after)
end

at = at + 1
local effects = tonumber(ARGV[at])
for _ = 1, effects do
  redis.call('ZADD', prefix .. 'outbox', now + ARGV[10], ARGV[at + 1])
  redis.call('HSET', prefix .. 'effects', ARGV[at + 1], ARGV[at + 2])
  at = at + 2
end

at = at + 1
for _ = 1, tonumber(ARGV[at]) do
  if ARGV[at + 1] == 'SET' then
    redis.call('SET', ARGV[at + 2], ARGV[at + 3], 'NX')
  elseif ARGV[at + 1] == 'ZREM' then
    redis.call('ZREM', ARGV[at + 2], ARGV[at + 3])
  elseif ARGV[at + 1] == 'SADD' then
    redis.call('SADD', ARGV[at + 2], ARGV[at + 3])
  elseif ARGV[at + 1] == 'KEEP' then
    redis.call('ZADD', ARGV[at + 2], 'NX', now, ARGV[at + 3])
    redis.call('ZREMRANGEBYSCORE', ARGV[at + 2], '-inf', now - 2592000000)
    redis.call('ZREMRANGEBYRANK', ARGV[at + 2], 0, -201)
    redis.call('EXPIRE', ARGV[at + 2], 2592000)
  else
    redis.call('ZADD', ARGV[at + 2], now, ARGV[at + 3])
  end
  at = at + 3
end

redis.call('PUBLISH', prefix .. 'changes', id .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
return {'ok', ARGV[4], now}
