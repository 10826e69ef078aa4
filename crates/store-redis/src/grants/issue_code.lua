-- Writes a grant with its unused code, or replaces an unused code of the same client.
--
-- KEYS  1 the grant, 2 its sealed successor, 3 the partition's unused codes, 4 its events
-- ARGV  1 now, 2 the grant's id, 3 client_id, 4 sub, 5 the code's end, 6 the instant (ms) after which
--       the row is garbage, 7 the instant (s) before which listed codes are; then field, value, ...
local client_id, used_at, ended_at =
    unpack(redis.call('HMGET', KEYS[1], 'client_id', 'code_used_at', 'ended_at'))
if client_id and (client_id ~= ARGV[3] or used_at or ended_at) then
    return {'already_used'}
end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], unpack(ARGV, 8))
redis.call('PEXPIREAT', KEYS[1], ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[7])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[2])
redis.call('XADD', KEYS[4], '*', 'kind', 'code_issued', 'at', ARGV[1], 'sub', ARGV[4],
    'client_id', ARGV[3], 'about', ARGV[2])
return {client_id and 'replaced' or 'issued'}
