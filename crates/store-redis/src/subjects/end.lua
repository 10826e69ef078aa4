-- Gives a subject a new epoch and a status.
--
-- KEYS  1 the subject, 2 the partition's events
-- ARGV  1 now, 2 sub, 3 the epoch, 4 the status
if redis.call('EXISTS', KEYS[1]) == 0 then
    return {'unknown'}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[3], 'status', ARGV[4])
redis.call('XADD', KEYS[2], '*', 'kind', 'user_ended', 'at', ARGV[1], 'sub', ARGV[2])
return {'ended'}
