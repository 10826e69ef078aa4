-- Adds scopes to a consent under the epoch that stands there, else under the proposed one; the union is
-- countersign_store::consents::union. A user's consents are one record, three fields for each client.
--
-- KEYS  1 the user's consents, 2 the partition's events
-- ARGV  1 now, 2 sub, 3 client_id, 4 the scopes, 5 the proposed epoch
local epoch, remembered = unpack(redis.call('HMGET', KEYS[1], 'epoch:' .. ARGV[3], 'scope:' .. ARGV[3]))
local scopes, seen = {}, {}
for scope in string.gmatch((remembered or '') .. ' ' .. ARGV[4], '[^ ]+') do
    if not seen[scope] then
        seen[scope] = true
        scopes[#scopes + 1] = scope
    end
end
epoch = epoch or ARGV[5]
redis.call('HSET', KEYS[1], 'epoch:' .. ARGV[3], epoch, 'scope:' .. ARGV[3],
    table.concat(scopes, ' '), 'updated_at:' .. ARGV[3], ARGV[1])
redis.call('XADD', KEYS[2], '*', 'kind', 'consent_recorded', 'at', ARGV[1], 'sub', ARGV[2],
    'client_id', ARGV[3])
return {'recorded', epoch}
