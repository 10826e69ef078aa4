-- Refuses one access token until an instant; a shorter denial shortens nothing.
--
-- KEYS  1 the denial, 2 the partition's events
-- ARGV  1 now, 2 until, 3 the instant (ms) after which the denial is garbage
local standing = redis.call('GET', KEYS[1])
if not standing or tonumber(standing) < tonumber(ARGV[2]) then
    redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
end
redis.call('XADD', KEYS[2], '*', 'kind', 'access_token_denied', 'at', ARGV[1])
return {'denied'}
