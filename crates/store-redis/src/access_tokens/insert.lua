-- Writes an access token's row.
--
-- KEYS  1 the row
-- ARGV  1 the instant (ms) after which it is garbage; then field, value, ...
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return {'inserted'}
