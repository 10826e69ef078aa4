-- Gives a name to a subject, if nobody has or had it (RFC 9068 5).
--
-- KEYS  1 the name, 2 the subject
-- ARGV  field, value, ...
if not redis.call('SET', KEYS[1], 'subject', 'NX') then
    return {'taken'}
end
redis.call('HSET', KEYS[2], unpack(ARGV))
return {'created'}
