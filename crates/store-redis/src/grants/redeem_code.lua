-- Redeems a code, as countersign_store::grants::decide_redeem and apply_redeem say; what the parents
-- say is compared afterwards. Hashes of secrets are compared, so time tells nothing of a secret.
--
-- KEYS  1 the grant, 2 the partition's unused codes, 3 its events, 4 the access token's row
-- ARGV  1 now, 2 the grant's id, 3 the code's hash, 4 client_id, 5 redirect_uri, 6 code_challenge (both
--       behind '=', or nothing where the parameter was missing), 7 the family's MAC key, 8 its first
--       token's hash, 9 its idle end or nothing, 10 the instant (ms) after which the access token's row
--       is garbage, or nothing where there is none; then the row's field, value, ...
local grant = {}
local found = redis.call('HGETALL', KEYS[1])
for i = 1, #found, 2 do
    grant[found[i]] = found[i + 1]
end

local function end_grant(cause)
    redis.call('HSET', KEYS[1], 'ended_at', ARGV[1], 'ended_cause', cause)
    redis.call('ZREM', KEYS[2], ARGV[2])
    redis.call('XADD', KEYS[3], '*', 'kind', 'grant_ended', 'at', ARGV[1], 'sub', grant.sub,
        'client_id', grant.client_id, 'about', ARGV[2], 'cause', cause)
end

if grant.code_hash ~= ARGV[3] then
    return {'unknown'}
end
if grant.client_id ~= ARGV[4] then
    return {'foreign_client'}
end
if grant.ended_at then
    return {'ended', grant.ended_cause}
end
local redirect_uri_matches = ARGV[5] == '=' .. grant.redirect_uri
local challenge = grant.code_challenge and '=' .. grant.code_challenge or ''
local proof = redirect_uri_matches and ARGV[6] == challenge
if grant.code_used_at then
    if not proof then
        return {'used_with_wrong_proof'}
    end
    end_grant('code_replayed')
    return {'replayed', grant.code_used_at}
end
local expired_at = grant.code_expires_at
if tonumber(grant.expires_at) < tonumber(expired_at) then
    expired_at = grant.expires_at
end
if tonumber(ARGV[1]) >= tonumber(expired_at) then
    return {'expired', expired_at}
end
if not proof then
    end_grant('code_burnt')
    return {'burnt', redirect_uri_matches and 1 or 0}
end

redis.call('HSET', KEYS[1], 'code_used_at', ARGV[1])
if grant.refreshable == '1' then
    redis.call('HSET', KEYS[1], 'mac_key', ARGV[7], 'current', ARGV[8], 'rotated_at', ARGV[1])
    if ARGV[9] ~= '' then
        redis.call('HSET', KEYS[1], 'idle_expires_at', ARGV[9])
    end
end
redis.call('PEXPIREAT', KEYS[1], grant.collect_at)
redis.call('ZREM', KEYS[2], ARGV[2])
if ARGV[10] ~= '' then
    redis.call('HSET', KEYS[4], unpack(ARGV, 11))
    redis.call('PEXPIREAT', KEYS[4], ARGV[10])
end
redis.call('XADD', KEYS[3], '*', 'kind', 'code_redeemed', 'at', ARGV[1], 'sub', grant.sub,
    'client_id', grant.client_id, 'about', ARGV[2])
return {'redeemed', redis.call('HGETALL', KEYS[1])}
