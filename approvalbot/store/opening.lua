-- What a new request passes before commit.lua, which follows in the same script, writes it: does it stand already, and
-- does another stand for its question? Nothing can come between this look and the writes, so a question is never held
-- by a request that did not come to stand, whatever process dies when.
--
-- The last of ARGV is JSON, see store/opening.py; what is not in it is not looked at. Written for Redis 6.2.
local prefix = ARGV[1]
local how = cjson.decode(ARGV[#ARGV])

local function state_of(held)
  return held and string.match(held, '^%d+ (%l+) ')
end

local there = redis.call('GET', KEYS[1])
if there then
  return {'same', there}
end

if how.question then
  local holder = redis.call('GET', how.question)
  local held = holder and redis.call('GET', prefix .. 'request:' .. holder)
  local state = state_of(held)
  -- A holder that is not there any more was deleted by hand: the question is free.
  if state and (not how.states or how.states[state]) then
    return {'repeat', held}
  end
  redis.call('SET', how.question, ARGV[2])
end
