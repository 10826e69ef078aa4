-- Carries out writes on one record, if it still has the version that was read. What they are was decided
-- in Rust, and every key of them is in the record's slot.
--
-- KEYS  1 the record, then whatever is written with it
-- ARGV  1 the field that holds the record's version, 2 the version that was read (empty: there was no
--       record); then each write: how many arguments follow, the command, the number of its key in
--       KEYS, and its other arguments
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
    return 0
end
local next = 3
while next <= #ARGV do
    local last = next + tonumber(ARGV[next])
    redis.call(ARGV[next + 1], KEYS[tonumber(ARGV[next + 2])], unpack(ARGV, next + 3, last))
    next = last + 1
end
return 1
