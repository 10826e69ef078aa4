-- Gives a browser session a new secret after a new proof. A session whose user has another epoch than
-- the proof was read under has ended, and does not come back.
--
-- KEYS  1 the session, 2 the partition's events
-- ARGV  1 now, 2 the session's id, 3 the presented secret's hash, 4 the user's epoch, 5 the instant (ms)
--       after which it is garbage; then field, value, ...
local secret, user_epoch, expires_at, sub =
    unpack(redis.call('HMGET', KEYS[1], 'secret', 'user_epoch', 'expires_at', 'sub'))
if secret ~= ARGV[3] or user_epoch ~= ARGV[4] or tonumber(ARGV[1]) >= tonumber(expires_at) then
    return {'unknown'}
end
redis.call('HDEL', KEYS[1], 'acr', 'proved_in')
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('PEXPIREAT', KEYS[1], ARGV[5])
redis.call('XADD', KEYS[2], '*', 'kind', 'session_renewed', 'at', ARGV[1], 'sub', sub,
    'about', ARGV[2])
return {'renewed', sub}
