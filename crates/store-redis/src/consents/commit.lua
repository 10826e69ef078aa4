-- Writes a consent, if it still is what was read. A user's consents are one record, four fields for each
-- client.
--
-- KEYS  1 the user's consents, 2 the partition's events
-- ARGV  1 client_id, 2 epoch, 3 basis and 4 scope as read (empty: it was not there), 5 epoch, 6 basis,
--       7 scope and 8 updated_at to write; then the event's fields and values
local names = {'epoch:' .. ARGV[1], 'basis:' .. ARGV[1], 'scope:' .. ARGV[1], 'updated_at:' .. ARGV[1]}
local read = redis.call('HMGET', KEYS[1], names[1], names[2], names[3])
for number = 1, 3 do
    if (read[number] or '') ~= ARGV[1 + number] then
        return {'conflict'}
    end
end
redis.call('HSET', KEYS[1], names[1], ARGV[5], names[2], ARGV[6], names[3], ARGV[7], names[4], ARGV[8])
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 9))
return {'written'}
