-- Writes a browser session's fields, if the session still is what was read. Its client sessions, which
-- are fields of the same hash, stay.
--
-- KEYS  1 the session, 2 the partition's events
-- ARGV  1 secret and 2 epoch as read (empty: it was not there), 3 the instant (ms) after which it is
--       garbage, 4 how many of the following are field, value, ...; then the event's fields and values
local secret, epoch = unpack(redis.call('HMGET', KEYS[1], 'secret', 'epoch'))
if (secret or '') ~= ARGV[1] or (epoch or '') ~= ARGV[2] then
    return {'conflict'}
end
local count = tonumber(ARGV[4])
redis.call('HDEL', KEYS[1], 'acr', 'proved_in')
redis.call('HSET', KEYS[1], unpack(ARGV, 5, 4 + count))
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
if #ARGV > 4 + count then
    redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5 + count))
end
return {'written'}
