//! The grant's acts and what they answer, the same on every SQL backend.

use countersign_store::access_tokens::{
    CheckAccessToken, Holder, NewAccessToken, NewHolder, TokenState,
};
use countersign_store::consents::ConsentStep;
use countersign_store::grants::{
    Dead, EndCause, EndGrantOutcome, IssueOutcome, RedeemOutcome, RotateOutcome,
};
use countersign_store::sessions::{RenewOutcome, RenewSession, SessionState};
use countersign_store::subjects::Status;
use countersign_store::{GrantId, GrantStore, SecretHash};

use crate::fixtures::{
    CHALLENGE, Folder, GRACE_SECONDS, NOW, World, epoch, hash, open, refresh_token, sealed, world,
};

/// Every one of the promises below, on one store.
pub async fn check_all(store: &impl GrantStore) {
    issuing_again_replaces_an_unused_code_and_no_used_one(store).await;
    redemption_answers_in_the_order_of_its_contract(store).await;
    rotation_answers_in_the_order_of_its_contract(store).await;
    rotation_without_a_successor_keeps_the_token(store).await;
    every_parent_that_ends_ends_the_grant(store).await;
    a_grant_under_a_session_that_has_ended_is_dead_on_arrival(store).await;
    a_client_session_is_joined_by_the_next_grant(store).await;
    consent_grows_and_keeps_its_epoch(store).await;
    opaque_tokens_live_with_their_row_and_their_grant(store).await;
    jwts_live_until_they_are_denied(store).await;
    sessions_answer_by_secret_time_and_user(store).await;
    grants_end_once_and_for_their_own_client(store).await;
    deleting_all_codes_leaves_used_ones(store).await;
    names_are_given_once(store).await;
}

#[tokio::test]
async fn sqlite_keeps_every_promise_about_grants() {
    let folder = Folder::new();
    check_all(&open(&folder.database())).await;
}

async fn issued(store: &impl GrantStore, world: &World) -> GrantId {
    let act = world.issue();
    let outcome = store.issue_code(&act, NOW).await.expect("answers");
    assert!(
        matches!(outcome, IssueOutcome::Issued { .. }),
        "{outcome:?}"
    );
    act.grant.id
}

async fn redeemed(store: &impl GrantStore, world: &World) -> GrantId {
    let id = issued(store, world).await;
    let outcome = store
        .redeem_code(&world.redeem(id), NOW)
        .await
        .expect("answers");
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
    id
}

async fn issuing_again_replaces_an_unused_code_and_no_used_one(store: &impl GrantStore) {
    let world = world(store).await;
    let mut act = world.issue();
    let id = act.grant.id;
    let IssueOutcome::Issued { sid } = store.issue_code(&act, NOW).await.expect("answers") else {
        panic!("the first time is an issue");
    };
    act.grant.code.hash = hash("another code");
    assert_eq!(
        store.issue_code(&act, NOW).await.expect("answers"),
        IssueOutcome::Replaced { sid }
    );
    let outcome = store
        .redeem_code(&world.redeem(id), NOW)
        .await
        .expect("answers");
    assert_eq!(outcome, RedeemOutcome::Unknown, "the first code is void");
    let mut redeem = world.redeem(id);
    redeem.code = hash("another code");
    let RedeemOutcome::Redeemed(grant) = store.redeem_code(&redeem, NOW).await.expect("answers")
    else {
        panic!("the second code is good");
    };
    assert_eq!(
        store.issue_code(&act, NOW).await.expect("answers"),
        IssueOutcome::AlreadyUsed
    );
    let view = store.grant(&id).await.expect("answers").expect("is there");
    assert_eq!(view.grant, *grant, "nothing changed");
    assert_eq!(view.dead, None);
    assert_eq!(view.grant.authorization, act.grant.authorization);
}

async fn redemption_answers_in_the_order_of_its_contract(store: &impl GrantStore) {
    let world = world(store).await;
    let answer = async |redeem: &countersign_store::grants::RedeemCode, now| {
        store.redeem_code(redeem, now).await.expect("answers")
    };

    let nobodys = world.redeem(GrantId::from_bytes([9; 16]));
    assert_eq!(answer(&nobodys, NOW).await, RedeemOutcome::Unknown);

    let good = world.redeem(issued(store, &world).await);
    let mut wrong_secret = good.clone();
    wrong_secret.code = hash("a guess");
    assert_eq!(answer(&wrong_secret, NOW).await, RedeemOutcome::Unknown);
    let mut foreign = good.clone();
    foreign.client_id = "somebody-else".to_owned();
    assert_eq!(answer(&foreign, NOW).await, RedeemOutcome::ForeignClient);
    let expired = RedeemOutcome::Expired {
        expired_at: NOW + 60,
    };
    assert_eq!(
        answer(&good, NOW + 60).await,
        expired,
        "refused from that second on"
    );
    let RedeemOutcome::Redeemed(grant) = answer(&good, NOW + 59).await else {
        panic!("nothing before this changed anything");
    };
    assert_eq!(grant.code.used_at, Some(NOW + 59));
    let family = grant.refresh.as_ref().expect("the grant is refreshable");
    assert_eq!(family.current, good.refresh.first);
    assert_eq!(
        store
            .grant(&good.grant)
            .await
            .expect("answers")
            .expect("is there")
            .grant,
        *grant
    );

    let mut used_wrong = good.clone();
    used_wrong.code_challenge = None;
    assert_eq!(
        answer(&used_wrong, NOW + 61).await,
        RedeemOutcome::UsedWithWrongProof
    );
    let replayed = RedeemOutcome::Replayed { used_at: NOW + 59 };
    assert_eq!(
        answer(&good, NOW + 90).await,
        replayed,
        "however old the code is"
    );
    let ended = RedeemOutcome::Ended(Dead::Grant(EndCause::CodeReplayed));
    assert_eq!(answer(&good, NOW + 91).await, ended);

    let good = world.redeem(issued(store, &world).await);
    let mut wrong_verifier = good.clone();
    wrong_verifier.code_challenge = Some(CHALLENGE.to_lowercase());
    let burnt = RedeemOutcome::Burnt {
        redirect_uri_matches: true,
    };
    assert_eq!(answer(&wrong_verifier, NOW).await, burnt);
    let ended = RedeemOutcome::Ended(Dead::Grant(EndCause::CodeBurnt));
    assert_eq!(answer(&good, NOW).await, ended);

    for redirect_uri in [None, Some("https://app.example/callback/".to_owned())] {
        let mut wrong_uri = world.redeem(issued(store, &world).await);
        wrong_uri.redirect_uri = redirect_uri;
        let burnt = RedeemOutcome::Burnt {
            redirect_uri_matches: false,
        };
        assert_eq!(answer(&wrong_uri, NOW).await, burnt);
    }

    let mut act = world.issue();
    act.grant.refreshable = false;
    act.grant.code.code_challenge = None;
    store.issue_code(&act, NOW).await.expect("answers");
    let mut redeem = world.redeem(act.grant.id);
    redeem.code_challenge = None;
    let RedeemOutcome::Redeemed(grant) = answer(&redeem, NOW).await else {
        panic!("no challenge was asked for and no verifier was sent");
    };
    assert_eq!(grant.refresh, None);
}

async fn rotation_answers_in_the_order_of_its_contract(store: &impl GrantStore) {
    let world = world(store).await;
    let answer = async |rotate: &countersign_store::grants::RotateRefreshToken, now| {
        store
            .rotate_refresh_token(rotate, now)
            .await
            .expect("answers")
    };

    let unused = issued(store, &world).await;
    assert_eq!(
        answer(&world.rotate(unused, 0, NOW), NOW).await,
        RotateOutcome::Unknown
    );
    let id = redeemed(store, &world).await;
    let mut guess = world.rotate(id, 5, NOW);
    guess.of_the_family = false;
    assert_eq!(answer(&guess, NOW).await, RotateOutcome::Unknown);
    let mut foreign = world.rotate(id, 0, NOW);
    foreign.client_id = "somebody-else".to_owned();
    assert_eq!(answer(&foreign, NOW).await, RotateOutcome::ForeignClient);
    let idle = RotateOutcome::Expired {
        expired_at: NOW + 86_400,
    };
    assert_eq!(answer(&world.rotate(id, 0, NOW), NOW + 86_400).await, idle);

    assert_eq!(
        answer(&world.rotate(id, 0, NOW), NOW).await,
        RotateOutcome::Rotated
    );
    let repeated = RotateOutcome::Repeated {
        sealed_successor: sealed(1),
    };
    let in_the_grace = NOW + GRACE_SECONDS - 1;
    assert_eq!(
        answer(&world.rotate(id, 0, NOW), in_the_grace).await,
        repeated
    );
    assert_eq!(
        answer(&world.rotate(id, 1, NOW + 5), NOW + 5).await,
        RotateOutcome::Rotated
    );
    let view = store.grant(&id).await.expect("answers").expect("is there");
    let family = view.grant.refresh.expect("a family");
    assert_eq!(family.current, refresh_token(&id, 2));
    assert_eq!(family.mac_key, crate::fixtures::MAC_KEY);
    assert_eq!(family.rotated_at, NOW + 5);
    let predecessor = family.predecessor.expect("a predecessor");
    assert_eq!(predecessor.hash, refresh_token(&id, 1));
    assert_eq!(predecessor.grace_until, NOW + 5 + GRACE_SECONDS);
    assert_eq!(predecessor.sealed_successor, sealed(2));

    let reused = RotateOutcome::Reused {
        rotated_at: NOW + 5,
    };
    assert_eq!(
        answer(&world.rotate(id, 0, NOW), NOW + 6).await,
        reused,
        "an ancestor"
    );
    let ended = RotateOutcome::Ended(Dead::Grant(EndCause::RefreshTokenReused));
    assert_eq!(answer(&world.rotate(id, 2, NOW), NOW + 7).await, ended);

    let id = redeemed(store, &world).await;
    assert_eq!(
        answer(&world.rotate(id, 0, NOW), NOW).await,
        RotateOutcome::Rotated
    );
    let reused = RotateOutcome::Reused { rotated_at: NOW };
    let after = NOW + GRACE_SECONDS;
    assert_eq!(
        answer(&world.rotate(id, 0, NOW), after).await,
        reused,
        "the grace is over"
    );

    let id = redeemed(store, &world).await;
    let mut rotate = world.rotate(id, 0, NOW);
    rotate.idle_expires_at = None;
    assert_eq!(answer(&rotate, NOW).await, RotateOutcome::Rotated);
    let end = NOW + 30 * 86_400;
    let expired = RotateOutcome::Expired { expired_at: end };
    assert_eq!(answer(&world.rotate(id, 1, NOW), end).await, expired);
}

async fn rotation_without_a_successor_keeps_the_token(store: &impl GrantStore) {
    let world = world(store).await;
    let id = redeemed(store, &world).await;
    let mut rotate = world.rotate(id, 0, NOW);
    rotate.successor = None;
    rotate.idle_expires_at = Some(NOW + 500);
    for _ in 0..2 {
        let outcome = store
            .rotate_refresh_token(&rotate, NOW)
            .await
            .expect("answers");
        assert_eq!(outcome, RotateOutcome::Kept);
    }
    let view = store.grant(&id).await.expect("answers").expect("is there");
    let family = view.grant.refresh.expect("a family");
    assert_eq!(family.current, refresh_token(&id, 0));
    assert_eq!(family.idle_expires_at, Some(NOW + 500));
    assert_eq!(family.predecessor, None);
}

async fn every_parent_that_ends_ends_the_grant(store: &impl GrantStore) {
    for end in [
        Dead::Client,
        Dead::User,
        Dead::Consent,
        Dead::BrowserSession,
        Dead::ClientSession,
    ] {
        let world = world(store).await;
        let fresh = world.redeem(issued(store, &world).await);
        let used = redeemed(store, &world).await;
        let mut offline = world.issue_offline();
        offline.grant.code.hash = hash("code");
        store.issue_code(&offline, NOW).await.expect("answers");
        match end {
            Dead::Client => {
                let ended = store
                    .end_client(&world.client_id, epoch(), Status::Active, NOW)
                    .await;
                assert!(ended.expect("answers"));
            }
            Dead::User => {
                let ended = store
                    .end_subject(&world.sub, epoch(), Status::Active, NOW)
                    .await;
                assert!(ended.expect("answers"));
            }
            Dead::Consent => {
                let ended = store
                    .withdraw_consent(&world.sub, &world.client_id, NOW)
                    .await;
                assert!(ended.expect("answers"));
            }
            Dead::BrowserSession => {
                let ended = store
                    .end_session(&world.session.id, NOW)
                    .await
                    .expect("answers");
                assert_eq!(ended.len(), 1);
                assert_eq!(ended[0].client_id, world.client_id);
            }
            _ => {
                let ended = store
                    .end_client_session(&world.session.id, &world.client_id, NOW)
                    .await;
                assert!(ended.expect("answers"));
            }
        }
        let outcome = store.redeem_code(&fresh, NOW).await.expect("answers");
        assert_eq!(outcome, RedeemOutcome::Ended(end));
        let rotate = world.rotate(used, 0, NOW);
        let outcome = store
            .rotate_refresh_token(&rotate, NOW)
            .await
            .expect("answers");
        assert_eq!(outcome, RotateOutcome::Ended(end));
        let jwt = CheckAccessToken::Jwt {
            grant: used,
            jti: hash("jti"),
            must_be_kept: false,
        };
        let state = store.check_access_token(&jwt, NOW).await.expect("answers");
        assert_eq!(state, TokenState::Ended(end));

        // OIDC Back-Channel Logout 2.7: what has offline_access survives the session.
        let survives = matches!(end, Dead::BrowserSession | Dead::ClientSession);
        let offline = world.redeem(offline.grant.id);
        let outcome = store.redeem_code(&offline, NOW).await.expect("answers");
        match survives {
            true => assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}"),
            false => assert_eq!(outcome, RedeemOutcome::Ended(end)),
        }
    }
}

async fn a_grant_under_a_session_that_has_ended_is_dead_on_arrival(store: &impl GrantStore) {
    let world = world(store).await;
    store
        .end_session(&world.session.id, NOW)
        .await
        .expect("answers");
    let act = world.issue();
    let outcome = store.issue_code(&act, NOW).await.expect("answers");
    assert_eq!(
        outcome,
        IssueOutcome::Issued {
            sid: act.joins.proposed_sid
        }
    );
    let outcome = store
        .redeem_code(&world.redeem(act.grant.id), NOW)
        .await
        .expect("answers");
    assert_eq!(outcome, RedeemOutcome::Ended(Dead::BrowserSession));
    let client_session = store
        .client_session(&world.session.id, &world.client_id)
        .await;
    assert_eq!(client_session.expect("answers"), None);
}

async fn a_client_session_is_joined_by_the_next_grant(store: &impl GrantStore) {
    let world = world(store).await;
    let (first, second) = (world.issue(), world.issue());
    let sid = first.joins.proposed_sid;
    for act in [&first, &second] {
        let outcome = store.issue_code(act, NOW).await.expect("answers");
        assert_eq!(outcome, IssueOutcome::Issued { sid });
    }
    let view = store
        .grant(&second.grant.id)
        .await
        .expect("answers")
        .expect("is there");
    assert_eq!(view.dead, None);
    assert_eq!(view.grant.authorization.sid, Some(sid));
    assert_eq!(
        view.grant.parents.session.map(|session| session.sid),
        Some(sid)
    );
}

async fn consent_grows_and_keeps_its_epoch(store: &impl GrantStore) {
    let world = world(store).await;
    let first = issued(store, &world).await;
    let consent = store
        .consent(&world.sub, &world.client_id)
        .await
        .expect("answers");
    let consent = consent.expect("recorded");
    assert_eq!(consent.scope, "openid profile");
    let mut act = world.issue();
    act.consent = ConsentStep::Record {
        scope: "email openid".to_owned(),
        proposed_epoch: epoch(),
    };
    store.issue_code(&act, NOW + 1).await.expect("answers");
    let grown = store.consents_of(&world.sub).await.expect("answers");
    assert_eq!(grown.len(), 1);
    assert_eq!(grown[0].scope, "openid profile email");
    assert_eq!(grown[0].epoch, consent.epoch);
    assert_eq!(grown[0].updated_at, NOW + 1);
    for id in [first, act.grant.id] {
        let view = store.grant(&id).await.expect("answers").expect("is there");
        assert_eq!(view.grant.parents.consent, consent.epoch);
        assert_eq!(view.dead, None);
    }
    let mut rests = world.issue();
    rests.consent = ConsentStep::Rest;
    rests.grant.parents.consent = consent.epoch;
    store.issue_code(&rests, NOW + 2).await.expect("answers");
    let view = store
        .grant(&rests.grant.id)
        .await
        .expect("answers")
        .expect("is there");
    assert_eq!(view.dead, None);
    let unchanged = store.consents_of(&world.sub).await.expect("answers");
    assert_eq!(unchanged, grown);
}

async fn opaque_tokens_live_with_their_row_and_their_grant(store: &impl GrantStore) {
    let world = world(store).await;
    let id = issued(store, &world).await;
    let token = |name: &str, scope: Option<&str>| NewAccessToken {
        hash: hash(&format!("{name} {id}")),
        id,
        holder: NewHolder::Grant,
        scope: scope.map(str::to_owned),
        expires_at: NOW + 600,
    };
    let check = async |hash: SecretHash, grant: GrantId, now: i64| {
        let check = CheckAccessToken::Opaque { grant, hash };
        store
            .check_access_token(&check, now)
            .await
            .expect("answers")
    };
    let mut redeem = world.redeem(id);
    redeem.access_token = Some(token("first", None));
    store.redeem_code(&redeem, NOW).await.expect("answers");
    let mut rotate = world.rotate(id, 0, NOW);
    rotate.access_token = Some(token("second", Some("openid")));
    store
        .rotate_refresh_token(&rotate, NOW)
        .await
        .expect("answers");
    let mut retry = world.rotate(id, 0, NOW);
    retry.access_token = Some(token("third", Some("profile")));
    store
        .rotate_refresh_token(&retry, NOW)
        .await
        .expect("answers");

    for (name, scope) in [
        ("first", "openid profile"),
        ("second", "openid"),
        ("third", "profile"),
    ] {
        let hash = token(name, None).hash;
        let TokenState::Active(active) = check(hash, id, NOW + 599).await else {
            panic!("{name} is active");
        };
        let row = active.row.as_ref().expect("opaque tokens have a row");
        assert_eq!((row.scope.as_str(), row.expires_at), (scope, NOW + 600));
        assert!(matches!(&active.holder, Holder::Grant(grant) if grant.id == id));
        let expired = TokenState::Expired {
            expired_at: NOW + 600,
        };
        assert_eq!(check(hash, id, NOW + 600).await, expired);
        let elsewhere = check(hash, GrantId::from_bytes([1; 16]), NOW).await;
        assert_eq!(elsewhere, TokenState::Unknown);
    }
    assert_eq!(check(hash("a guess"), id, NOW).await, TokenState::Unknown);
    store
        .end_grant(&id, None, EndCause::Revoked, NOW)
        .await
        .expect("answers");
    let ended = TokenState::Ended(Dead::Grant(EndCause::Revoked));
    assert_eq!(check(token("first", None).hash, id, NOW).await, ended);

    let own = NewAccessToken {
        hash: hash(&format!("own {id}")),
        id: GrantId::from_bytes(countersign_jose::random::bytes()),
        holder: NewHolder::Client {
            client_id: world.client_id.clone(),
            epoch: world.client_epoch,
        },
        scope: Some("read".to_owned()),
        expires_at: NOW + 600,
    };
    store.insert_access_token(&own, NOW).await.expect("answers");
    let of_client = CheckAccessToken::OpaqueOfClient {
        id: own.id,
        hash: own.hash,
    };
    let state = store
        .check_access_token(&of_client, NOW)
        .await
        .expect("answers");
    let TokenState::Active(active) = state else {
        panic!("{state:?}")
    };
    assert_eq!(
        active.holder,
        Holder::Client {
            client_id: world.client_id.clone()
        }
    );
    assert_eq!(
        check(own.hash, own.id, NOW).await,
        TokenState::Unknown,
        "not a grant's"
    );
    store
        .end_client(&world.client_id, epoch(), Status::Disabled, NOW)
        .await
        .expect("answers");
    let state = store
        .check_access_token(&of_client, NOW)
        .await
        .expect("answers");
    assert_eq!(state, TokenState::Ended(Dead::Client));
}

async fn jwts_live_until_they_are_denied(store: &impl GrantStore) {
    let world = world(store).await;
    let id = redeemed(store, &world).await;
    let jti = hash(&format!("jti {id}"));
    let check = async |must_be_kept: bool| {
        let check = CheckAccessToken::Jwt {
            grant: id,
            jti,
            must_be_kept,
        };
        store
            .check_access_token(&check, NOW)
            .await
            .expect("answers")
    };
    assert!(matches!(check(false).await, TokenState::Active(_)));
    assert_eq!(check(true).await, TokenState::Unknown, "it was never kept");
    let kept = NewAccessToken {
        hash: jti,
        id,
        holder: NewHolder::Grant,
        scope: None,
        expires_at: NOW + 600,
    };
    store
        .insert_access_token(&kept, NOW)
        .await
        .expect("answers");
    assert!(matches!(check(true).await, TokenState::Active(_)));
    store
        .deny_access_token(&jti, NOW + 700, NOW)
        .await
        .expect("answers");
    store
        .deny_access_token(&jti, NOW + 700, NOW)
        .await
        .expect("a second time as well");
    assert_eq!(check(false).await, TokenState::Denied);
    assert_eq!(check(true).await, TokenState::Denied);

    let of_client = |epoch| CheckAccessToken::JwtOfClient {
        client_id: world.client_id.clone(),
        epoch,
        jti: hash(&format!("another {id}")),
        must_be_kept: false,
    };
    let state = store
        .check_access_token(&of_client(world.client_epoch), NOW)
        .await;
    assert!(matches!(state, Ok(TokenState::Active(_))), "{state:?}");
    let state = store
        .check_access_token(&of_client(epoch()), NOW)
        .await
        .expect("answers");
    assert_eq!(state, TokenState::Ended(Dead::Client));
    let nobodys = CheckAccessToken::Jwt {
        grant: GrantId::from_bytes([8; 16]),
        jti: hash("x"),
        must_be_kept: false,
    };
    let state = store
        .check_access_token(&nobodys, NOW)
        .await
        .expect("answers");
    assert_eq!(state, TokenState::Unknown);
}

async fn sessions_answer_by_secret_time_and_user(store: &impl GrantStore) {
    let world = world(store).await;
    let id = world.session.id;
    let read = async |secret: SecretHash, now: i64| {
        store.session(&id, &secret, now).await.expect("answers")
    };
    assert_eq!(
        read(world.secret, NOW).await,
        SessionState::Live(Box::new(world.session.clone()))
    );
    assert_eq!(read(hash("a guess"), NOW).await, SessionState::Unknown);
    assert_eq!(
        read(world.secret, world.session.expires_at).await,
        SessionState::Expired
    );

    let proved_in = GrantId::from_bytes([4; 16]);
    let renew = RenewSession {
        id,
        presented: world.secret,
        secret: hash("renewed"),
        user_epoch: world.user_epoch,
        auth_time: NOW + 5,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        acr: Some("2".to_owned()),
        proved_in: Some(proved_in),
        expires_at: NOW + 100_000,
    };
    assert_eq!(
        store.renew_session(&renew, NOW).await.expect("answers"),
        RenewOutcome::Renewed
    );
    assert_eq!(
        store.renew_session(&renew, NOW).await.expect("answers"),
        RenewOutcome::Unknown
    );
    assert_eq!(
        read(world.secret, NOW).await,
        SessionState::Unknown,
        "the old cookie"
    );
    let SessionState::Live(session) = read(hash("renewed"), NOW).await else {
        panic!("the new cookie is good");
    };
    assert_eq!(
        session.epoch, world.session.epoch,
        "the session is the same"
    );
    assert_eq!(session.auth_time, NOW + 5);
    assert_eq!(session.amr, renew.amr);
    assert_eq!(
        (session.acr.as_deref(), session.proved_in),
        (Some("2"), Some(proved_in))
    );

    let mut other = world.session.clone();
    other.id = countersign_store::SessionId::from_bytes(countersign_jose::random::bytes());
    store
        .start_session(&other, Some(&id), NOW)
        .await
        .expect("answers");
    assert_eq!(
        read(hash("renewed"), NOW).await,
        SessionState::Unknown,
        "replaced"
    );
    store
        .end_subject(&world.sub, epoch(), Status::Active, NOW)
        .await
        .expect("answers");
    let state = store
        .session(&other.id, &world.secret, NOW)
        .await
        .expect("answers");
    assert_eq!(state, SessionState::Ended);
    assert_eq!(store.end_session(&id, NOW).await.expect("answers"), vec![]);
}

async fn grants_end_once_and_for_their_own_client(store: &impl GrantStore) {
    let world = world(store).await;
    let id = issued(store, &world).await;
    let end = async |id: &GrantId, client_id: Option<&str>| {
        store
            .end_grant(id, client_id, EndCause::Revoked, NOW)
            .await
            .expect("answers")
    };
    assert_eq!(
        end(&GrantId::from_bytes([2; 16]), None).await,
        EndGrantOutcome::Unknown
    );
    assert_eq!(
        end(&id, Some("somebody-else")).await,
        EndGrantOutcome::ForeignClient
    );
    assert_eq!(
        end(&id, Some(&world.client_id)).await,
        EndGrantOutcome::Ended
    );
    assert_eq!(end(&id, None).await, EndGrantOutcome::AlreadyEnded);
    let outcome = store
        .issue_code(&world.issue_with(id), NOW)
        .await
        .expect("answers");
    assert_eq!(
        outcome,
        IssueOutcome::AlreadyUsed,
        "an ended authorization is done"
    );
}

async fn deleting_all_codes_leaves_used_ones(store: &impl GrantStore) {
    let world = world(store).await;
    let unused = issued(store, &world).await;
    let used = redeemed(store, &world).await;
    assert!(store.delete_all_codes(NOW).await.expect("answers") >= 1);
    assert_eq!(store.delete_all_codes(NOW).await.expect("answers"), 0);
    let outcome = store
        .redeem_code(&world.redeem(unused), NOW)
        .await
        .expect("answers");
    assert_eq!(
        outcome,
        RedeemOutcome::Ended(Dead::Grant(EndCause::DeletedByOperator))
    );
    let view = store
        .grant(&used)
        .await
        .expect("answers")
        .expect("is there");
    assert_eq!(view.dead, None);
}

async fn names_are_given_once(store: &impl GrantStore) {
    let world = world(store).await;
    // RFC 9068 5: a sub and a client_id are never equal.
    assert!(
        !store
            .create_subject(&world.client_id, epoch(), NOW)
            .await
            .expect("answers")
    );
    let client = crate::fixtures::client(&world.sub);
    assert!(!store.create_client(&client).await.expect("answers"));
    assert!(store.client(&world.sub).await.expect("answers").is_none());
    let subject = store
        .subject(&world.sub)
        .await
        .expect("answers")
        .expect("is there");
    assert_eq!(
        (subject.epoch, subject.status),
        (world.user_epoch, Status::Active)
    );
    let upper = world.sub.to_uppercase();
    assert!(
        store
            .create_subject(&upper, epoch(), NOW)
            .await
            .expect("bytes decide")
    );
    assert!(
        !store
            .end_subject("nobody", epoch(), Status::Active, NOW)
            .await
            .expect("answers")
    );
}

impl World {
    fn issue_with(&self, id: GrantId) -> countersign_store::grants::IssueCode {
        let mut act = self.issue();
        act.grant.id = id;
        act
    }
}
