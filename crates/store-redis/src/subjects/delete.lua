-- Deletes a subject and its consents. The name stays taken.
--
-- KEYS  1 the subject, 2 its consents, 3 the partition's events
-- ARGV  1 now, 2 sub
if redis.call('DEL', KEYS[1]) == 0 then
    return {'unknown'}
end
redis.call('DEL', KEYS[2])
redis.call('XADD', KEYS[3], '*', 'kind', 'user_ended', 'at', ARGV[1], 'sub', ARGV[2])
return {'deleted'}
