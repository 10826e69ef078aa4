-- Presents a refresh token, as countersign_store::grants::decide_rotate and apply_rotate say; what the
-- parents say is compared afterwards. Hashes of secrets are compared, so time tells nothing of a secret.
--
-- KEYS  1 the grant, 2 its sealed successor, 3 the partition's unused codes, 4 its events, 5 the access
--       token's row
-- ARGV  1 now, 2 the grant's id, 3 client_id, 4 the presented token's hash, 5 '1' if the family made it,
--       6 the successor's hash or nothing to keep the token, 7 the sealed successor, 8 the grace's end,
--       9 the instant (ms) after which the sealed successor is garbage, 10 the idle end or nothing,
--       11 the instant (ms) after which the access token's row is garbage, or nothing where there is
--       none; then the row's field, value, ...
local grant = {}
local found = redis.call('HGETALL', KEYS[1])
for i = 1, #found, 2 do
    grant[found[i]] = found[i + 1]
end

local function write_access_token()
    if ARGV[11] ~= '' then
        redis.call('HSET', KEYS[5], unpack(ARGV, 12))
        redis.call('PEXPIREAT', KEYS[5], ARGV[11])
    end
end

if not grant.mac_key then
    return {'unknown'}
end
local now = tonumber(ARGV[1])
local is_current = grant.current == ARGV[4]
local is_predecessor = grant.predecessor == ARGV[4]
if not is_current and not is_predecessor and ARGV[5] ~= '1' then
    return {'unknown'}
end
if grant.client_id ~= ARGV[3] then
    return {'foreign_client'}
end
if grant.ended_at then
    return {'ended', grant.ended_cause}
end
-- Gone where there is no grace, and an hour after one.
local sealed = not is_current and is_predecessor and now < tonumber(grant.grace_until)
    and redis.call('GET', KEYS[2])
if not is_current and not sealed then
    redis.call('HSET', KEYS[1], 'ended_at', ARGV[1], 'ended_cause', 'refresh_token_reused')
    redis.call('ZREM', KEYS[3], ARGV[2])
    redis.call('XADD', KEYS[4], '*', 'kind', 'grant_ended', 'at', ARGV[1], 'sub', grant.sub,
        'client_id', grant.client_id, 'about', ARGV[2], 'cause', 'refresh_token_reused')
    return {'reused', grant.rotated_at}
end
local expired_at = grant.expires_at
if grant.idle_expires_at and tonumber(grant.idle_expires_at) < tonumber(expired_at) then
    expired_at = grant.idle_expires_at
end
if now >= tonumber(expired_at) then
    return {'expired', expired_at}
end
if sealed then
    write_access_token()
    return {'repeated', found, sealed}
end

if ARGV[10] ~= '' then
    redis.call('HSET', KEYS[1], 'idle_expires_at', ARGV[10])
else
    redis.call('HDEL', KEYS[1], 'idle_expires_at')
end
write_access_token()
if ARGV[6] == '' then
    return {'kept', found}
end
redis.call('HSET', KEYS[1], 'predecessor', grant.current, 'grace_until', ARGV[8],
    'current', ARGV[6], 'rotated_at', ARGV[1])
if ARGV[7] ~= '' then
    redis.call('SET', KEYS[2], ARGV[7], 'PXAT', ARGV[9])
else
    redis.call('DEL', KEYS[2])
end
redis.call('XADD', KEYS[4], '*', 'kind', 'refresh_token_rotated', 'at', ARGV[1], 'sub', grant.sub,
    'client_id', grant.client_id, 'about', ARGV[2])
return {'rotated', found}
