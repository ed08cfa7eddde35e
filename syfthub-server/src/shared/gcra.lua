-- One use of one rate window, as `Rate::judge` has it: the two must stay the same.
-- KEYS[1]: the window. ARGV: now, interval and reach in microseconds, and how it is used (take, look or note).
-- Answers whether there was room (1 or 0) and the window's end in microseconds, as text, since numbers lose digits.
local now, interval, reach = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local usage = ARGV[4]
local latest = now + reach
local stored = tonumber(redis.call('GET', KEYS[1]) or now) or now
local ends = math.min(math.max(stored, now), latest)
local after = ends + interval
local allowed = after <= latest
if usage == 'note' or (usage == 'take' and allowed) then
  ends = math.min(after, latest)
  redis.call('SET', KEYS[1], string.format('%.0f', ends), 'PX', math.ceil((ends - now) / 1000))
end
return { allowed and 1 or 0, string.format('%.0f', ends) }
