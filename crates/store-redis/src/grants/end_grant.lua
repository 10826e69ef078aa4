-- Ends a grant.
--
-- KEYS  1 the grant, 2 the partition's unused codes, 3 its events
-- ARGV  1 now, 2 the grant's id, 3 the cause, 4 the client that it must be behind '=' or nothing for any,
--       5 '1' to end it only while its code is unused
local client_id, sub, used_at, ended_at =
    unpack(redis.call('HMGET', KEYS[1], 'client_id', 'sub', 'code_used_at', 'ended_at'))
if not client_id then
    return {'unknown'}
end
if ARGV[4] ~= '' and ARGV[4] ~= '=' .. client_id then
    return {'foreign_client'}
end
if ended_at or (ARGV[5] == '1' and used_at) then
    return {'already_ended'}
end
redis.call('HSET', KEYS[1], 'ended_at', ARGV[1], 'ended_cause', ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('XADD', KEYS[3], '*', 'kind', 'grant_ended', 'at', ARGV[1], 'sub', sub,
    'client_id', client_id, 'about', ARGV[2], 'cause', ARGV[3])
return {'ended'}
