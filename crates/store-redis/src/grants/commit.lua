-- Commits a grant by compare-and-set: the record, its access token's row and its event in one step, if the
-- record still has the version that was read.
--
-- KEYS  1 the grant, 2 its sealed successor, 3 the partition's unused codes, 4 its events, 5 the access
--       token's row
-- ARGV  1 the version that was read, or nothing where there was no record; 2 the grant's id; 3 the instant
--       (ms) after which the record is garbage; 4 the sealed successor or nothing, 5 the instant (ms) after
--       which that is garbage; 6 the end of its unused code or nothing; 7 the instant (s) before which
--       listed codes are garbage; 8 the instant (ms) after which the token's row is garbage; then three
--       lists, each behind its length: the fields of the record, of the event, of the token
if (redis.call('HGET', KEYS[1], 'written_by') or '') ~= ARGV[1] then
    return 0
end
local next = 9
local function list()
    local first, last = next + 1, next + tonumber(ARGV[next])
    next = last + 1
    return first, last
end

local first, last = list()
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], unpack(ARGV, first, last))
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
if ARGV[4] ~= '' then
    redis.call('SET', KEYS[2], ARGV[4], 'PXAT', ARGV[5])
end
if ARGV[6] ~= '' then
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[7])
    redis.call('ZADD', KEYS[3], ARGV[6], ARGV[2])
else
    redis.call('ZREM', KEYS[3], ARGV[2])
end
first, last = list()
if last >= first then
    redis.call('XADD', KEYS[4], '*', unpack(ARGV, first, last))
end
first, last = list()
if last >= first then
    redis.call('HSET', KEYS[5], unpack(ARGV, first, last))
    redis.call('PEXPIREAT', KEYS[5], ARGV[8])
end
return 1
