"""What the Redis board does in one step: Lua, since a judgement by the clock of Redis and its effect belong together.

The keys, and who cleans them (all of them expire by themselves):

* `presence:nodes`               sorted set: incarnation -> Unix ms of its last beat by Redis' own clock
* `presence:node:<incarnation>`  string: the node's card as JSON
* `presence:user:<user id>`      hash: `<incarnation>|<device>` -> `<node name>|<since ms>`
* `presence:on:<incarnation>`    set: every user with a field of this incarnation, and perhaps some without

One incarnation never writes another's fields except to reap it when it is dead: a device that has already arrived
elsewhere, or a second tab with the same device id, cannot be thrown out by a late departure.

The scripts build the names of user keys themselves: one Redis (or Sentinel), not a Redis Cluster.
"""

CLOCK = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function is_alive(incarnation)
  local beat = redis.call('ZSCORE', 'presence:nodes', incarnation)
  return beat and tonumber(beat) > now - tonumber(ARGV[1])
end
local function is_online(user)
  for _, field in ipairs(redis.call('HKEYS', user)) do
    if is_alive(string.match(field, '^[^|]*')) then return 1 end
  end
  return 0
end
"""

BEAT = (
    CLOCK
    + """
local incarnation, is_joining, card, keep = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local is_known = 0
if is_joining == '1' or is_alive(incarnation) then
  is_known = 1
  redis.call('ZADD', 'presence:nodes', now, incarnation)
  redis.call('EXPIRE', 'presence:nodes', keep)
  redis.call('SET', 'presence:node:' .. incarnation, card, 'EX', keep)
  redis.call('EXPIRE', 'presence:on:' .. incarnation, keep)
end
return {is_known, tostring(now), redis.call('ZRANGE', 'presence:nodes', 0, -1, 'WITHSCORES')}
"""
)

ARRIVE = (
    CLOCK
    + """
local incarnation, user_id, field, value, keep = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local user, on = 'presence:user:' .. user_id, 'presence:on:' .. incarnation
local was_online = is_online(user)
if not is_alive(incarnation) then return {was_online, was_online, 0} end
for _, other in ipairs(redis.call('HKEYS', user)) do
  if not is_alive(string.match(other, '^[^|]*')) then redis.call('HDEL', user, other) end
end
redis.call('SADD', on, user_id)
redis.call('EXPIRE', on, keep)
redis.call('HSET', user, field, value)
redis.call('EXPIRE', user, keep)
return {was_online, 1, 1}
"""
)

DEPART = (
    CLOCK
    + """
local incarnation, user_id, field = ARGV[2], ARGV[3], ARGV[4]
local user = 'presence:user:' .. user_id
local was_online = is_online(user)
redis.call('HDEL', user, field)
local has_other_device_here = false
for _, other in ipairs(redis.call('HKEYS', user)) do
  if string.match(other, '^[^|]*') == incarnation then has_other_device_here = true end
end
if not has_other_device_here then redis.call('SREM', 'presence:on:' .. incarnation, user_id) end
return {was_online, is_online(user), is_alive(incarnation) and 1 or 0}
"""
)

REAP = (
    CLOCK
    + """
local incarnation, count = ARGV[2], ARGV[3]
if is_alive(incarnation) then return 1 end
local on = 'presence:on:' .. incarnation
for _, user_id in ipairs(redis.call('SPOP', on, count)) do
  local user = 'presence:user:' .. user_id
  for _, field in ipairs(redis.call('HKEYS', user)) do
    if string.match(field, '^[^|]*') == incarnation then redis.call('HDEL', user, field) end
  end
end
if redis.call('EXISTS', on) == 1 then return 0 end
redis.call('ZREM', 'presence:nodes', incarnation)
redis.call('DEL', 'presence:node:' .. incarnation)
return 1
"""
)
