//! Access tokens: opaque, JWT, kept, denied; of a grant, of a client itself (RFC 7662, section 2.2,
//! RFC 9068).

use super::world::{
    GRANT_SECONDS, Grants, SCOPE, World, change_client, end, endings, epoch, guess, redeem, rotate,
    unknown_grant, view,
};
use crate::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder, TokenRow};
use crate::grants::{
    ActiveToken, EndCause, Holder, RedeemOutcome, RotateOutcome, TokenState, WhatEnded,
};
use crate::{Epoch, GrantId, SecretHash};

const TOKEN_SECONDS: i64 = 600;

/// A JWT of the grant that has no row.
pub(super) fn jwt(grant: GrantId) -> CheckAccessToken {
    CheckAccessToken::Jwt {
        grant,
        jti: guess(),
        must_be_kept: false,
    }
}

pub(super) fn opaque(grant: GrantId, hash: SecretHash) -> CheckAccessToken {
    CheckAccessToken::Opaque { grant, hash }
}

/// Writes an opaque access token of the grant.
pub(super) async fn keep(store: &Grants, grant: GrantId, now: i64) -> SecretHash {
    let token = of_grant(grant, None, now);
    let written = store.insert_access_token(&token, now).await;
    written.expect("returns");
    token.hash
}

pub(super) fn of_grant(id: GrantId, scope: Option<&str>, now: i64) -> NewAccessToken {
    NewAccessToken {
        hash: guess(),
        id,
        holder: NewHolder::Grant,
        scope: scope.map(str::to_owned),
        audience: scope.map(|_| resources()).unwrap_or_default(),
        expires_at: now + TOKEN_SECONDS,
    }
}

fn resources() -> Vec<String> {
    ["https://api.example/a", "https://mcp.example/"]
        .map(str::to_owned)
        .to_vec()
}

fn of_client(world: &World, epoch: Epoch) -> NewAccessToken {
    let client_id = world.client_id.clone();
    NewAccessToken {
        hash: guess(),
        id: unknown_grant(),
        holder: NewHolder::Client { client_id, epoch },
        scope: Some("read write".to_owned()),
        audience: resources(),
        expires_at: world.now + TOKEN_SECONDS,
    }
}

async fn check(store: &Grants, check: &CheckAccessToken, now: i64) -> TokenState {
    let state = store.check_access_token(check, now).await;
    state.expect("returns")
}

async fn active(store: &Grants, token: &CheckAccessToken, now: i64) -> ActiveToken {
    match check(store, token, now).await {
        TokenState::Active(active) => *active,
        state => panic!("{state:?}"),
    }
}

pub async fn an_opaque_token_is_written_by_the_act_that_returns_it(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.issued(&store).await;
    let tokens = [
        of_grant(id, None, now),
        of_grant(id, Some("openid"), now),
        of_grant(id, Some("profile"), now),
        of_grant(id, Some("openid profile"), now),
    ];
    let [first, second, third, fourth] = &tokens;
    let mut act = world.redeem(id);
    act.access_token = Some(first.clone());
    let outcome = redeem(&store, &act, now).await;
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)));
    let mut act = world.rotate(id, 0, now);
    act.access_token = Some(second.clone());
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
    act.access_token = Some(third.clone());
    let outcome = rotate(&store, &act, now).await;
    assert!(matches!(outcome, RotateOutcome::Repeated { .. }));
    let mut act = world.rotate(id, 1, now);
    act.successor = None;
    act.access_token = Some(fourth.clone());
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Kept);
    for token in &tokens {
        let token_check = opaque(id, token.hash);
        let found = active(&store, &token_check, token.expires_at - 1).await;
        let row = TokenRow {
            scope: token.scope.clone().unwrap_or_else(|| SCOPE.to_owned()),
            audience: token.audience.clone(),
            expires_at: token.expires_at,
        };
        assert_eq!(found.row, Some(row));
        assert_eq!(found.holder, Holder::Grant(view(&store, &id).await.grant));
        let expired = TokenState::Expired {
            expired_at: token.expires_at,
        };
        let state = check(&store, &token_check, token.expires_at).await;
        assert_eq!(state, expired, "refused from that second on");
    }
}

pub async fn a_refused_act_writes_no_access_token(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.issued(&store).await;
    let token = of_grant(id, None, now);
    let mut wrong = world.redeem(id);
    wrong.client_id = World::new(&store).await.client_id;
    wrong.access_token = Some(token.clone());
    let outcome = redeem(&store, &wrong, now).await;
    assert_eq!(outcome, RedeemOutcome::ForeignClient);
    let state = check(&store, &opaque(id, token.hash), now).await;
    assert_eq!(state, TokenState::Unknown);
    world.carry_out_redeem(&store, id).await;
    let mut wrong = world.rotate(id, 0, now);
    wrong.presented = guess();
    wrong.of_the_family = false;
    wrong.access_token = Some(token.clone());
    assert_eq!(rotate(&store, &wrong, now).await, RotateOutcome::Unknown);
    let state = check(&store, &opaque(id, token.hash), now).await;
    assert_eq!(state, TokenState::Unknown);
}

pub async fn an_opaque_token_belongs_to_its_id_and_kind(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let another = world.redeemed(&store).await;
    let hash = keep(&store, id, now).await;
    active(&store, &opaque(id, hash), now).await;
    let own = of_client(&world, world.client_epoch);
    store.insert_access_token(&own, now).await.expect("returns");
    let as_clients = CheckAccessToken::OpaqueOfClient { id, hash };
    for stranger in [
        opaque(id, guess()),
        opaque(another, hash),
        opaque(unknown_grant(), hash),
        as_clients,
        opaque(own.id, own.hash),
        CheckAccessToken::OpaqueOfClient { id, hash: own.hash },
    ] {
        let state = check(&store, &stranger, now).await;
        assert_eq!(state, TokenState::Unknown, "{stranger:?}");
    }
}

pub async fn a_jwt_needs_no_row_but_its_grant(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let found = active(&store, &jwt(id), now).await;
    assert_eq!(found.row, None);
    assert_eq!(found.holder, Holder::Grant(view(&store, &id).await.grant));
    let unknown = check(&store, &jwt(unknown_grant()), now).await;
    assert_eq!(unknown, TokenState::Unknown);
}

pub async fn a_jwt_that_must_be_kept_needs_its_row(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let kept = of_grant(id, None, now);
    let jwt = CheckAccessToken::Jwt {
        grant: id,
        jti: kept.hash,
        must_be_kept: true,
    };
    assert_eq!(check(&store, &jwt, now).await, TokenState::Unknown);
    let mut act = world.rotate(id, 0, now);
    act.access_token = Some(kept.clone());
    assert_eq!(rotate(&store, &act, now).await, RotateOutcome::Rotated);
    active(&store, &jwt, now).await;

    let own = of_client(&world, world.client_epoch);
    let jwt = CheckAccessToken::JwtOfClient {
        client_id: world.client_id.clone(),
        epoch: world.client_epoch,
        jti: own.hash,
        must_be_kept: true,
    };
    assert_eq!(check(&store, &jwt, now).await, TokenState::Unknown);
    store.insert_access_token(&own, now).await.expect("returns");
    let found = active(&store, &jwt, now).await;
    let client_id = world.client_id.clone();
    assert_eq!(found.holder, Holder::Client { client_id });
}

pub async fn a_denied_token_is_refused_and_no_other(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let (denied, other) = (keep(&store, id, now).await, keep(&store, id, now).await);
    let until = now + TOKEN_SECONDS + 60;
    let as_jwt = |jti, must_be_kept| CheckAccessToken::Jwt {
        grant: id,
        jti,
        must_be_kept,
    };
    // RFC 7009, section 2.1. Twice is as good as once, and a shorter denial shortens nothing.
    for until in [until, until - 30] {
        let done = store.deny_access_token(&denied, until, now).await;
        done.expect("returns");
        for token in [
            opaque(id, denied),
            as_jwt(denied, false),
            as_jwt(denied, true),
        ] {
            assert_eq!(check(&store, &token, now).await, TokenState::Denied);
        }
        active(&store, &opaque(id, other), now).await;
        active(&store, &as_jwt(other, true), now).await;
    }
    let state = check(&store, &as_jwt(denied, false), until - 1).await;
    assert_eq!(state, TokenState::Denied);

    let own = of_client(&world, world.client_epoch);
    store.insert_access_token(&own, now).await.expect("returns");
    let (id, hash) = (own.id, own.hash);
    let of_client = CheckAccessToken::OpaqueOfClient { id, hash };
    active(&store, &of_client, now).await;
    let done = store.deny_access_token(&own.hash, until, now).await;
    done.expect("returns");
    assert_eq!(check(&store, &of_client, now).await, TokenState::Denied);
}

pub async fn a_check_finds_age_before_endings_and_endings_before_denials(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let hash = keep(&store, id, now).await;
    let expired_at = now + TOKEN_SECONDS;
    let denied = store.deny_access_token(&hash, expired_at + 60, now).await;
    denied.expect("returns");
    let token = opaque(id, hash);
    let expired = TokenState::Expired { expired_at };
    assert_eq!(check(&store, &token, now).await, TokenState::Denied);
    assert_eq!(check(&store, &token, expired_at).await, expired);
    end(&store, &id, now).await;
    let ended = TokenState::Ended(WhatEnded::Grant(EndCause::Revoked));
    assert_eq!(check(&store, &token, now).await, ended);
    assert_eq!(check(&store, &token, expired_at).await, expired);
    let jwt = CheckAccessToken::Jwt {
        grant: id,
        jti: hash,
        must_be_kept: false,
    };
    assert_eq!(check(&store, &jwt, now).await, ended);
    let expired_at = now + GRANT_SECONDS;
    let expired = TokenState::Expired { expired_at };
    assert_eq!(check(&store, &jwt, expired_at).await, expired);
}

pub async fn no_token_is_good_longer_than_its_grant(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let mut act = world.issue();
    let expired_at = now + 30;
    act.grant.expires_at = expired_at;
    let id = world.carry_out_issue(&store, &act).await;
    world.carry_out_redeem(&store, id).await;
    let kept = keep(&store, id, now).await;
    let expired = TokenState::Expired { expired_at };
    for token in [jwt(id), opaque(id, kept)] {
        active(&store, &token, expired_at - 1).await;
        assert_eq!(check(&store, &token, expired_at).await, expired);
    }
}

pub async fn a_clients_own_token_lives_with_the_client(store: Grants) {
    for ending in endings() {
        let world = World::new(&store).await;
        let now = world.now;
        let own = of_client(&world, world.client_epoch);
        store.insert_access_token(&own, now).await.expect("returns");
        let (id, hash) = (own.id, own.hash);
        let opaque = CheckAccessToken::OpaqueOfClient { id, hash };
        let jwt = |epoch| CheckAccessToken::JwtOfClient {
            client_id: world.client_id.clone(),
            epoch,
            jti: guess(),
            must_be_kept: false,
        };
        let client_id = world.client_id.clone();
        let holder = Holder::Client { client_id };
        let found = active(&store, &opaque, own.expires_at - 1).await;
        assert_eq!(found.holder, holder);
        let row = TokenRow {
            scope: "read write".to_owned(),
            audience: resources(),
            expires_at: own.expires_at,
        };
        assert_eq!(found.row, Some(row));
        let found = active(&store, &jwt(world.client_epoch), now).await;
        assert_eq!((found.holder, found.row), (holder, None));
        let ended = TokenState::Ended(WhatEnded::Client);
        assert_eq!(check(&store, &jwt(epoch()), now).await, ended);
        let expired = TokenState::Expired {
            expired_at: own.expires_at,
        };
        assert_eq!(check(&store, &opaque, own.expires_at).await, expired);

        change_client(&store, &world.client_id, ending, now).await;
        assert_eq!(check(&store, &opaque, now).await, ended);
        assert_eq!(check(&store, &jwt(world.client_epoch), now).await, ended);
        let state = check(&store, &opaque, own.expires_at).await;
        assert_eq!(state, expired, "age is found first");
    }
}
