-- Gets or makes the client session of a browser session. One under another epoch has ended: nothing is
-- joined there, and what takes the proposal is dead on arrival.
--
-- KEYS  1 the session
-- ARGV  1 the session's epoch as read with the cookie, 2 the client session's field, 3 the proposal
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
    return {'ended', ARGV[3]}
end
redis.call('HSETNX', KEYS[1], ARGV[2], ARGV[3])
return {'joined', redis.call('HGET', KEYS[1], ARGV[2])}
