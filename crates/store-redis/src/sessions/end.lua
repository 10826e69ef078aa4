-- Ends a browser session with its client sessions, which are fields of it: a missing one has ended.
--
-- KEYS  1 the session, 2 the partition's events
-- ARGV  1 now, 2 the session's id
local found = redis.call('HGETALL', KEYS[1])
if #found == 0 then
    return {'unknown'}
end
local sub = redis.call('HGET', KEYS[1], 'sub')
redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[2], '*', 'kind', 'session_ended', 'at', ARGV[1], 'sub', sub, 'about', ARGV[2])
return {'ended', found}
