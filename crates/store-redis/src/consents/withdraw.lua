-- Forgets a consent: a missing one has ended.
--
-- KEYS  1 the user's consents, 2 the partition's events
-- ARGV  1 now, 2 sub, 3 client_id
local deleted = redis.call('HDEL', KEYS[1], 'epoch:' .. ARGV[3], 'scope:' .. ARGV[3],
    'updated_at:' .. ARGV[3])
if deleted == 0 then
    return {'unknown'}
end
redis.call('XADD', KEYS[2], '*', 'kind', 'consent_withdrawn', 'at', ARGV[1], 'sub', ARGV[2],
    'client_id', ARGV[3])
return {'withdrawn'}
