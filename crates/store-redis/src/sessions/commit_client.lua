-- Writes a client session, if it and its browser session's epoch still are what was read.
--
-- KEYS  1 the browser session, 2 the partition's events
-- ARGV  1 the browser session's epoch, 2 the client session's field, 3 its value as read (empty: it was
--       not there), 4 its value to write; then the event's fields and values
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] or
    (redis.call('HGET', KEYS[1], ARGV[2]) or '') ~= ARGV[3] then
    return {'conflict'}
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4])
if #ARGV > 4 then
    redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5))
end
return {'written'}
