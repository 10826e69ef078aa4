-- Gives a name to a client, if nobody has or had it (RFC 9068 5).
--
-- KEYS  1 the name, 2 the client, 3 the partition's events
-- ARGV  1 created_at, 2 client_id; then field, value, ...
if not redis.call('SET', KEYS[1], 'client', 'NX') then
    return {'taken'}
end
redis.call('HSET', KEYS[2], 'revision', 1, unpack(ARGV, 3))
redis.call('XADD', KEYS[3], '*', 'kind', 'client_created', 'at', ARGV[1], 'client_id', ARGV[2])
return {'created'}
