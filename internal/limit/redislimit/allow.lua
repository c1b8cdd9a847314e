-- Counts one event in the bucket KEYS[1] and returns how long it must wait, in
-- microseconds; zero means that it is allowed.
-- ARGV: now in microseconds since 1970, microseconds per event, burst.
--
-- A bucket is kept as the moment when it will be full again (the generic cell
-- rate algorithm). No key means a full bucket.
local now, every, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local capacity = every * burst
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)

local function keep()
  -- As a whole number: Lua would round it to 14 digits. It is kept for a
  -- second longer than it says anything.
  local milliseconds = math.ceil((full_at - now) / 1000) + 1000
  redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', milliseconds)
end

if full_at > now + capacity then
  -- Never further ahead than an empty bucket, and kept so: a clock that was
  -- put back must not lock anybody out.
  full_at = now + capacity
  keep()
end
full_at = math.max(full_at, now) + every
local wait = full_at - now - capacity
if wait > 0 then
  return wait
end
keep()
return 0
