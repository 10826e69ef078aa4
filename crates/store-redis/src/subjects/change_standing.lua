-- Writes a subject's epoch and status, if they still are what was read.
--
-- KEYS  1 the subject, 2 the partition's events
-- ARGV  1 now, 2 sub, 3 the event, 4 epoch and 5 status as read, 6 epoch and 7 status to write
local read = redis.call('HMGET', KEYS[1], 'epoch', 'status')
if read[1] ~= ARGV[4] or read[2] ~= ARGV[5] then
    return {'conflict'}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[6], 'status', ARGV[7])
redis.call('XADD', KEYS[2], '*', 'kind', ARGV[3], 'at', ARGV[1], 'sub', ARGV[2])
return {'changed'}
