-- Gives a client a new epoch and a status.
--
-- KEYS  1 the client, 2 the partition's events
-- ARGV  1 now, 2 client_id, 3 the epoch, 4 the status
if redis.call('EXISTS', KEYS[1]) == 0 then
    return {'unknown'}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[3], 'status', ARGV[4], 'updated_at', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
redis.call('XADD', KEYS[2], '*', 'kind', 'client_ended', 'at', ARGV[1], 'client_id', ARGV[2])
return {'ended'}
