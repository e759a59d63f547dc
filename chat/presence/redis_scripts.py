"""What the Redis board does in one step: Lua, since a judgement by the clock of Redis and its effect belong together.

The keys, each behind `<REDIS_PREFIX>:presence:`, the root; all of them expire by themselves:

* `nodes`               sorted set: incarnation -> Unix ms of its last beat by Redis' own clock
* `node:<incarnation>`  string: the node's card as JSON
* `user:<user id>`      hash: `<incarnation>|<device>` -> `<node name>|<since ms>`
* `on:<incarnation>`    set: every user with a field of this incarnation, and perhaps some without

One incarnation never writes another's fields except to reap it when it is dead: a device that has already arrived
elsewhere, or a second tab with the same device id, cannot be thrown out by a late departure.

The scripts build the names of user keys themselves: one Redis (or Sentinel), not a Redis Cluster.
"""

CLOCK = """
local root, dead_after = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function is_alive(incarnation)
  local beat = redis.call('ZSCORE', root .. 'nodes', incarnation)
  return beat and tonumber(beat) > now - dead_after
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
local incarnation, is_joining, card, keep = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local is_known = 0
if is_joining == '1' or is_alive(incarnation) then
  is_known = 1
  redis.call('ZADD', root .. 'nodes', now, incarnation)
  redis.call('EXPIRE', root .. 'nodes', keep)
  redis.call('SET', root .. 'node:' .. incarnation, card, 'EX', keep)
  redis.call('EXPIRE', root .. 'on:' .. incarnation, keep)
end
return {is_known, tostring(now), redis.call('ZRANGE', root .. 'nodes', 0, -1, 'WITHSCORES')}
"""
)

ARRIVE = (
    CLOCK
    + """
local incarnation, user_id, field, value, keep = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local user, on = root .. 'user:' .. user_id, root .. 'on:' .. incarnation
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
local incarnation, user_id, field = ARGV[3], ARGV[4], ARGV[5]
local user = root .. 'user:' .. user_id
local was_online = is_online(user)
redis.call('HDEL', user, field)
local has_other_device_here = false
for _, other in ipairs(redis.call('HKEYS', user)) do
  if string.match(other, '^[^|]*') == incarnation then has_other_device_here = true end
end
if not has_other_device_here then redis.call('SREM', root .. 'on:' .. incarnation, user_id) end
return {was_online, is_online(user), is_alive(incarnation) and 1 or 0}
"""
)

REAP = (
    CLOCK
    + """
local incarnation, count = ARGV[3], ARGV[4]
if is_alive(incarnation) then return 1 end
local on = root .. 'on:' .. incarnation
for _, user_id in ipairs(redis.call('SPOP', on, count)) do
  local user = root .. 'user:' .. user_id
  for _, field in ipairs(redis.call('HKEYS', user)) do
    if string.match(field, '^[^|]*') == incarnation then redis.call('HDEL', user, field) end
  end
end
if redis.call('EXISTS', on) == 1 then return 0 end
redis.call('ZREM', root .. 'nodes', incarnation)
redis.call('DEL', root .. 'node:' .. incarnation)
return 1
"""
)
