-- Ends one client session. Its field holds sid and epoch, 22 characters each, and its begin.
--
-- KEYS  1 the browser session, 2 the partition's events
-- ARGV  1 now, 2 client_id
local field = 'client:' .. ARGV[2]
local standing = redis.call('HGET', KEYS[1], field)
if not standing then
    return {'unknown'}
end
redis.call('HDEL', KEYS[1], field)
redis.call('XADD', KEYS[2], '*', 'kind', 'client_session_ended', 'at', ARGV[1], 'client_id', ARGV[2],
    'about', string.sub(standing, 1, 22))
return {'ended'}
