-- What a new request passes before commit.lua, which follows in the same script, writes it: does it stand already, has
-- its event joined another, does another stand for its question, is there room? Nothing can come between this look and
-- the writes, so a question is never held by a request that did not come to stand, and no count is ever exceeded.
--
-- The last of ARGV is JSON, see store/opening.py; what is not in it is not looked at. Written for Redis 6.2.
local prefix, id, grace = ARGV[1], ARGV[2], tonumber(ARGV[10])
local how = cjson.decode(ARGV[#ARGV])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local FIRST_GAP, LONGEST_GAP, LOST = 5000, 60000, 600000
-- The marks of the first repeats are kept for the trail; a storm of thousands alike is told by its number.
local MOST_MARKS, MARK = 200, 16

-- Count a repeat on its request, and see that it is told. The first is told at once. While more keep coming the gap
-- between tellings doubles up to a minute; after a minute of quiet it starts anew. Gives the effect to hand on now.
local function count_repeat(holder)
  local key = prefix .. 'repeats:' .. holder
  local count = redis.call('HINCRBY', key, 'count', 1)
  redis.call('HSET', key, 'last', now)
  if count <= MOST_MARKS then
    redis.call('RPUSH', prefix .. 'repeated:' .. holder, string.sub(how.event, 1, MARK))
  end
  local held = redis.call('HMGET', key, 'due', 'told', 'gap')
  local due, told, gap = tonumber(held[1] or 0), tonumber(held[2] or 0), tonumber(held[3] or 0)
  if due > now - LOST then
    return ''
  end
  if now - told >= LONGEST_GAP then
    due, gap = now, FIRST_GAP
  else
    due, gap = math.max(now, told + gap), math.min(gap * 2, LONGEST_GAP)
  end
  redis.call('HSET', key, 'due', due, 'gap', gap)
  local effect = holder .. ':repeat-' .. count .. ':0'
  redis.call('HSET', prefix .. 'effects', effect, how.tell)
  redis.call('ZADD', prefix .. 'outbox', due > now and due or now + grace, effect)
  return due > now and '' or effect
end

local there = redis.call('GET', KEYS[1])
if there then
  return {'same', there}
end

if how.joined then
  local noted = redis.call('GET', how.joined)
  local holder, event = string.match(noted or '', '^(%w+) (%w*)')
  local held = holder and redis.call('GET', prefix .. 'request:' .. holder)
  if held then
    return {'noted', held, event}
  end
end

if how.question then
  local holder = redis.call('GET', how.question)
  local held = holder and redis.call('GET', prefix .. 'request:' .. holder)
  local state = held and string.match(held, '^%d+ (%l+) ')
  -- A holder that is not there any more was deleted by hand: the question is free.
  if state and (not how.states or how.states[state]) then
    if how.joined then
      redis.call('SET', how.joined, holder .. ' ' .. how.event, 'PX', how.keep_ms)
      redis.call('ZADD', how.source, 'NX', now, holder)
    end
    return {'repeat', held, how.event or '', how.tell and count_repeat(holder) or ''}
  end
end

-- Whether as many wait as may. At the head of a full count there may stand what was deleted by hand: it makes room.
local function is_full(ceiling)
  if redis.call('ZCARD', ceiling.key) < ceiling.most then
    return false
  end
  for _, waiting in ipairs(redis.call('ZRANGE', ceiling.key, 0, 9)) do
    if not redis.call('ZSCORE', prefix .. 'in:pending', waiting) then
      redis.call('ZREM', ceiling.key, waiting)
    end
  end
  return redis.call('ZCARD', ceiling.key) >= ceiling.most
end

for _, ceiling in ipairs(how.ceilings or {}) do
  if is_full(ceiling) then
    local oldest = redis.call('ZRANGE', ceiling.key, 0, 0)[1]
    local effect = ''
    if redis.call('SET', how.alarmed, '', 'NX', 'PX', how.alarm_ms) then
      effect = oldest .. ':full-' .. now .. ':0'
      redis.call('HSET', prefix .. 'effects', effect, ceiling.alarm)
      redis.call('ZADD', prefix .. 'outbox', now + grace, effect)
    end
    return {'full', redis.call('GET', prefix .. 'request:' .. oldest), ceiling.name, effect}
  end
end

if how.question and how.window_ms then
  redis.call('SET', how.question, id, 'PX', how.window_ms)
elseif how.question then
  redis.call('SET', how.question, id)
end
