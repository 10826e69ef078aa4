-- Writes a browser session.
--
-- KEYS  1 the session, 2 the partition's events
-- ARGV  1 now, 2 the session's id, 3 sub, 4 the instant (ms) after which it is garbage; then field,
--       value, ...
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
redis.call('XADD', KEYS[2], '*', 'kind', 'session_started', 'at', ARGV[1], 'sub', ARGV[3],
    'about', ARGV[2])
return {'started'}
