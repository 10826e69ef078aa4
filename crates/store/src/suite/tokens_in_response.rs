//! Tokens that an authorization response carries itself (OpenID Connect Core, sections 3.2 and
//! 3.3): with a code or in its place.

use super::access_tokens::{jwt, of_grant, opaque};
use super::world::{
    CODE_SECONDS, GRANT_SECONDS, Grants, World, end, epoch, new_code, redeem, view,
};
use crate::grants::{IssueCode, IssueOutcome, Origin, RedeemOutcome, TokenState, TokensInResponse};

/// With an opaque access token in the response; returns its hash.
fn hybrid(world: &World) -> (IssueCode, crate::SecretHash) {
    let mut act = world.issue();
    let token = of_grant(act.grant.id, None, world.now);
    let hash = token.hash;
    new_code(&mut act).request.with_tokens = true;
    act.in_response = Some(TokensInResponse {
        expire_at: token.expires_at,
        access_token: Some(token),
    });
    (act, hash)
}

/// The same without a code.
fn implicit(world: &World) -> (IssueCode, crate::SecretHash) {
    let (mut act, hash) = hybrid(world);
    act.code = None;
    act.grant.refreshable = false;
    (act, hash)
}

async fn is_active(
    store: &Grants,
    check: &crate::access_tokens::CheckAccessToken,
    at: i64,
) -> bool {
    let state = store.check_access_token(check, at).await.expect("returns");
    matches!(state, TokenState::Active(_))
}

pub async fn a_response_with_a_code_and_a_token_gives_both(store: Grants) {
    let world = World::new(&store).await;
    let (act, hash) = hybrid(&world);
    let id = world.carry_out_issue(&store, &act).await;
    assert!(is_active(&store, &opaque(id, hash), world.now).await);
    let outcome = redeem(&store, &world.redeem(id), world.now).await;
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
    assert!(is_active(&store, &opaque(id, hash), world.now).await);
    // OpenID Connect Core, section 16.11, RFC 6749, section 4.1.2: a replay revokes all of it.
    let outcome = redeem(&store, &world.redeem(id), world.now).await;
    assert!(
        matches!(outcome, RedeemOutcome::Replayed { .. }),
        "{outcome:?}"
    );
    assert!(!is_active(&store, &opaque(id, hash), world.now).await);
}

pub async fn a_token_in_the_response_outlives_the_code(store: Grants) {
    let world = World::new(&store).await;
    let (act, hash) = hybrid(&world);
    let id = world.carry_out_issue(&store, &act).await;
    let kept_until = view(&store, &id).await.grant.keep_until;
    let expire_at = act.in_response.expect("tokens").expire_at;
    assert!(kept_until >= expire_at, "{kept_until} {expire_at}");
    let after_the_code = world.now + CODE_SECONDS + 1;
    assert!(is_active(&store, &opaque(id, hash), after_the_code).await);
    assert!(!is_active(&store, &opaque(id, hash), expire_at).await);
}

pub async fn a_response_without_a_code_leaves_nothing_to_redeem(store: Grants) {
    let world = World::new(&store).await;
    let (act, hash) = implicit(&world);
    let id = world.carry_out_issue(&store, &act).await;
    let grant = view(&store, &id).await.grant;
    assert_eq!(grant.origin, Origin::Implicit);
    assert_eq!(grant.refresh, None);
    assert!(is_active(&store, &opaque(id, hash), world.now).await);
    assert!(is_active(&store, &jwt(id), world.now).await);
    let outcome = redeem(&store, &world.redeem(id), world.now).await;
    assert_eq!(outcome, RedeemOutcome::Unknown);
    assert!(is_active(&store, &opaque(id, hash), world.now).await);
    end(&store, &id, world.now).await;
    assert!(!is_active(&store, &opaque(id, hash), world.now).await);
}

pub async fn tokens_that_are_out_keep_their_user_scope_and_parents(store: Grants) {
    let world = World::new(&store).await;
    for make in [implicit, hybrid] {
        let (act, first) = make(&world);
        let id = world.carry_out_issue(&store, &act).await;
        let (mut again, second) = make(&world);
        again.grant.id = id;
        again.grant.expires_at = world.now + GRANT_SECONDS;
        if let Some(code) = &mut again.code {
            code.hash = act.code.as_ref().expect("a code").hash;
        }
        let tokens = again.in_response.as_mut().expect("tokens");
        tokens.access_token.as_mut().expect("a row").id = id;
        // A double click: what either response carried is accepted, whichever arrived.
        let outcome = store.issue_code(&again, world.now).await.expect("returns");
        assert!(
            matches!(outcome, IssueOutcome::Replaced { .. }),
            "{outcome:?}"
        );
        assert!(is_active(&store, &opaque(id, first), world.now).await);
        assert!(is_active(&store, &opaque(id, second), world.now).await);
        // A token that is out there keeps its meaning, and an ending is not undone.
        for change in [
            (|act: &mut IssueCode| act.grant.scope.push_str(" email")) as fn(&mut IssueCode),
            |act| act.grant.sub.push('x'),
            |act| act.grant.client_id.push('x'),
            |act| act.grant.authorization.resources.clear(),
            |act| act.grant.authorization.claims = None,
            |act| act.grant.parents.user = epoch(),
            |act| act.grant.parents.client = epoch(),
            |act| act.grant.parents.session = None,
        ] {
            let mut other = again.clone();
            change(&mut other);
            let outcome = store.issue_code(&other, world.now).await.expect("returns");
            assert_eq!(outcome, IssueOutcome::AlreadyUsed);
        }
    }
}

pub async fn tokens_under_a_withdrawn_consent_do_not_come_back(store: Grants) {
    let world = World::new(&store).await;
    let (act, hash) = implicit(&world);
    let id = world.carry_out_issue(&store, &act).await;
    let withdrawn = store
        .withdraw_consent(&world.sub, &world.client_id, world.now)
        .await;
    withdrawn.expect("returns");
    assert!(!is_active(&store, &opaque(id, hash), world.now).await);
    let (mut again, _) = implicit(&world);
    again.grant.id = id;
    let outcome = store.issue_code(&again, world.now).await.expect("returns");
    assert_eq!(outcome, IssueOutcome::AlreadyUsed);
    assert!(!is_active(&store, &opaque(id, hash), world.now).await);
}
