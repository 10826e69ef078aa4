//! Endings: of a grant, and of everything that it belongs to (RFC 7009; OIDC Back-Channel Logout
//! 2.7). What ended is refused by every act, and an act that came beside it is not undone.

use super::access_tokens::{jwt, keep, opaque};
use super::world::{
    Grants, World, change_client, change_user, code, endings, epoch, new_code, redeem, rotate,
    unknown_grant, view,
};
use crate::consents::ConsentStep;
use crate::grants::{
    EndCause, EndGrantOutcome, RedeemOutcome, RotateOutcome, TokenState, WhatEnded,
};
use crate::standing::{StandingChange, StandingOutcome};

pub async fn a_users_end_ends_all_of_their_grants(store: Grants) {
    for change in endings() {
        ends_everything_below(&store, End::User(change)).await;
    }
}

pub async fn a_clients_end_ends_all_of_its_grants(store: Grants) {
    for change in endings() {
        ends_everything_below(&store, End::Client(change)).await;
    }
}

pub async fn a_withdrawn_consent_ends_the_users_grants_to_the_client(store: Grants) {
    ends_everything_below(&store, End::Consent).await;
}

pub async fn logout_ends_online_grants_and_offline_ones_survive(store: Grants) {
    ends_everything_below(&store, End::BrowserSession).await;
}

pub async fn the_end_of_a_client_session_ends_its_online_grants(store: Grants) {
    ends_everything_below(&store, End::ClientSession).await;
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    User(StandingChange),
    Client(StandingChange),
    Consent,
    BrowserSession,
    ClientSession,
}

impl End {
    async fn carry_out(self, store: &Grants, world: &World) {
        let (client_id, now) = (&world.client_id, world.now);
        let carried_out = match self {
            End::User(change) => {
                change_user(store, &world.sub, change, now).await;
                Ok(true)
            }
            End::Client(change) => {
                change_client(store, client_id, change, now).await;
                Ok(true)
            }
            End::Consent => store.withdraw_consent(&world.sub, client_id, now).await,
            End::BrowserSession => {
                let ended = store.end_session(&world.session.id, now).await;
                ended.map(|ended| ended.iter().any(|ended| ended.client_id == *client_id))
            }
            End::ClientSession => {
                let session = &world.session.id;
                let found = store.client_session(session, client_id).await;
                let sid = found.expect("returns").expect("it is there").sid;
                store.end_client_session(&sid, now).await
            }
        };
        assert!(carried_out.expect("returns"));
    }

    fn what_ended(self) -> WhatEnded {
        match self {
            End::User(_) => WhatEnded::User,
            End::Client(_) => WhatEnded::Client,
            End::Consent => WhatEnded::Consent,
            End::BrowserSession => WhatEnded::BrowserSession,
            End::ClientSession => WhatEnded::ClientSession,
        }
    }

    /// OIDC Back-Channel Logout 2.7: what was granted with offline_access survives a logout.
    fn spares_offline_grants(self) -> bool {
        matches!(self, End::BrowserSession | End::ClientSession)
    }

    fn spares_another_user_of_the_client(self) -> bool {
        !matches!(self, End::Client(_))
    }
}

async fn ends_everything_below(store: &Grants, end: End) {
    let world = World::new(store).await;
    let now = world.now;
    let neighbour = world.neighbour(store).await;
    let neighbours = neighbour.redeemed(store).await;
    let elsewhere = World::new(store).await;
    let elsewheres = elsewhere.redeemed(store).await;
    let unused = world.issued(store).await;
    let used = world.redeemed(store).await;
    let kept = keep(store, used, now).await;
    let rotated = world.redeemed(store).await;
    world.rotated(store, rotated, 0, now).await;
    let offline = world.redeemed_offline(store).await;
    let beside = world.issue();

    end.carry_out(store, &world).await;

    let what_ended = end.what_ended();
    for id in [unused, used, rotated] {
        assert_eq!(view(store, &id).await.what_ended, Some(what_ended));
    }
    for check in [jwt(used), opaque(used, kept)] {
        let state = store.check_access_token(&check, now).await;
        assert_eq!(state.expect("returns"), TokenState::Ended(what_ended));
    }
    // The row changes anyway, so what follows is a replay, a repeat, a reuse: all refused.
    let act = world.redeem(unused);
    let ended = RedeemOutcome::Ended(what_ended);
    assert_eq!(redeem(store, &act, now).await, ended);
    let replayed = RedeemOutcome::Replayed { used_at: now };
    assert_eq!(redeem(store, &act, now).await, replayed);
    let ended = RotateOutcome::Ended(what_ended);
    for n in [0, 0, 1] {
        let act = world.rotate(used, n, now);
        assert_eq!(rotate(store, &act, now).await, ended, "token {n}");
    }
    let reused = RotateOutcome::Reused { rotated_at: now };
    let act = world.rotate(used, 0, now);
    assert_eq!(rotate(store, &act, now).await, reused, "an ancestor");
    let mut keeps = world.rotate(rotated, 1, now);
    keeps.successor = None;
    assert_eq!(rotate(store, &keeps, now).await, ended);

    // Issued beside the ending, with what its caller had read before: invalid from the start.
    let mut beside = beside;
    beside.consent = ConsentStep::Rest;
    beside.grant.parents.consent = view(store, &used).await.grant.parents.consent;
    world.carry_out_issue(store, &beside).await;
    let outcome = redeem(store, &world.redeem(beside.grant.id), now).await;
    let has_ended = match end {
        // A client session that ended while its browser session goes on starts again.
        End::ClientSession => matches!(outcome, RedeemOutcome::Redeemed(_)),
        _ => outcome == RedeemOutcome::Ended(what_ended),
    };
    assert!(has_ended, "{outcome:?}");

    let spared = end.spares_offline_grants();
    let expected = (!spared).then_some(what_ended);
    assert_eq!(view(store, &offline).await.what_ended, expected);
    let outcome = rotate(store, &world.rotate(offline, 0, now), now).await;
    assert_eq!(outcome == RotateOutcome::Rotated, spared, "{outcome:?}");
    let spared = end.spares_another_user_of_the_client();
    assert_eq!(view(store, &neighbours).await.what_ended.is_none(), spared);
    assert_eq!(view(store, &elsewheres).await.what_ended, None);
}

pub async fn what_is_granted_after_an_ending_is_alive(store: Grants) {
    let mut world = World::new(&store).await;
    let old = world.redeemed(&store).await;
    let now = world.now;
    (world.user_epoch, world.client_epoch) = (epoch(), epoch());
    let sub = world.sub.clone();
    let (user, client) = (world.user_epoch, world.client_epoch);
    change_user(&store, &sub, StandingChange::End { epoch: user }, now).await;
    change_client(
        &store,
        &world.client_id,
        StandingChange::End { epoch: client },
        now,
    )
    .await;
    End::Consent.carry_out(&store, &world).await;
    let old_session = world.session.id;
    world.session = super::world::session(&sub, world.user_epoch, now);
    let started = store.start_session(&world.session, Some(&old_session), now);
    started.await.expect("returns");
    let id = world.redeemed(&store).await;
    assert_eq!(view(&store, &id).await.what_ended, None);
    let state = store.check_access_token(&jwt(id), now).await;
    assert!(matches!(state, Ok(TokenState::Active(_))), "{state:?}");
    assert!(view(&store, &old).await.what_ended.is_some());
}

pub async fn a_disabled_parent_refuses_even_under_its_own_epoch(store: Grants) {
    let mut world = World::new(&store).await;
    let now = world.now;
    world.user_epoch = epoch();
    let change = StandingChange::Disable {
        epoch: world.user_epoch,
    };
    change_user(&store, &world.sub, change, now).await;
    let id = world.issued(&store).await;
    assert_eq!(view(&store, &id).await.what_ended, Some(WhatEnded::User));
    let mut world = World::new(&store).await;
    world.client_epoch = epoch();
    let change = StandingChange::Disable {
        epoch: world.client_epoch,
    };
    change_client(&store, &world.client_id, change, now).await;
    let id = world.issued(&store).await;
    assert_eq!(view(&store, &id).await.what_ended, Some(WhatEnded::Client));
}

pub async fn a_grant_ends_once_and_for_its_own_client_only(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let mallory = World::new(&store).await.client_id;
    let end = async |id, client_id, at| {
        let outcome = store.end_grant(&id, client_id, EndCause::Revoked, at).await;
        outcome.expect("returns")
    };
    let unknown = end(unknown_grant(), None, now).await;
    assert_eq!(unknown, EndGrantOutcome::Unknown);
    let id = world.redeemed(&store).await;
    let before = view(&store, &id).await;
    // RFC 7009, section 2.1: the token was issued to the client that asks.
    let foreign = end(id, Some(mallory.as_str()), now).await;
    assert_eq!(foreign, EndGrantOutcome::ForeignClient);
    assert_eq!(view(&store, &id).await, before);
    let own = Some(world.client_id.as_str());
    assert_eq!(end(id, own, now + 1).await, EndGrantOutcome::Ended);
    let ended = view(&store, &id).await;
    assert_eq!(ended.what_ended, Some(WhatEnded::Grant(EndCause::Revoked)));
    assert_eq!(ended.grant.ended.map(|ended| ended.at), Some(now + 1));
    for client_id in [own, None] {
        let again = end(id, client_id, now + 2).await;
        assert_eq!(again, EndGrantOutcome::AlreadyEnded);
    }
    let foreign = end(id, Some(mallory.as_str()), now).await;
    assert_eq!(foreign, EndGrantOutcome::ForeignClient);
    assert_eq!(view(&store, &id).await, ended);
    let unused = world.issued(&store).await;
    assert_eq!(end(unused, None, now).await, EndGrantOutcome::Ended);
}

pub async fn every_cause_of_an_end_reads_back(store: Grants) {
    let world = World::new(&store).await;
    for cause in EndCause::ALL {
        let id = world.issued(&store).await;
        let outcome = store.end_grant(&id, None, cause, world.now).await;
        assert_eq!(outcome.expect("returns"), EndGrantOutcome::Ended);
        assert_eq!(
            view(&store, &id).await.what_ended,
            Some(WhatEnded::Grant(cause))
        );
    }
}

pub async fn ending_what_is_not_there_changes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let id = world.redeemed(&store).await;
    let nobody = "nobody";
    for change in endings() {
        let ended = store.change_subject_standing(nobody, &change, now).await;
        assert_eq!(ended.expect("returns"), StandingOutcome::Unknown);
        let ended = store.change_client_standing(nobody, &change, now).await;
        assert_eq!(ended.expect("returns"), StandingOutcome::Unknown);
    }
    let deleted = store.delete_subject(nobody, now).await;
    assert!(!deleted.expect("returns"));
    let ended = store.withdraw_consent(&world.sub, nobody, now).await;
    assert!(!ended.expect("returns"));
    let ended = store.withdraw_consent(nobody, &world.client_id, now).await;
    assert!(!ended.expect("returns"));
    let session = crate::SessionId::from_bytes(*unknown_grant().as_bytes());
    assert_eq!(store.end_session(&session, now).await.expect("returns"), []);
    let sid = crate::ClientSessionId::from_bytes(*unknown_grant().as_bytes());
    let ended = store.end_client_session(&sid, now).await;
    assert!(!ended.expect("returns"));
    assert_eq!(store.subject(nobody).await.expect("returns"), None);
    assert_eq!(store.client(nobody).await.expect("returns"), None);
    assert_eq!(view(&store, &id).await.what_ended, None);
}

pub async fn a_replaced_code_is_measured_by_its_own_parents(store: Grants) {
    let mut world = World::new(&store).await;
    let now = world.now;
    let mut act = world.issue();
    let id = world.carry_out_issue(&store, &act).await;
    // The user changed the password, signed in again, and finished the same authorization again.
    world.user_epoch = epoch();
    let sub = world.sub.clone();
    let change = StandingChange::End {
        epoch: world.user_epoch,
    };
    change_user(&store, &sub, change, now).await;
    assert_eq!(view(&store, &id).await.what_ended, Some(WhatEnded::User));
    world.session = super::world::session(&sub, world.user_epoch, now);
    let started = store.start_session(&world.session, None, now).await;
    started.expect("returns");
    act = world.issue();
    act.grant.id = id;
    new_code(&mut act).hash = code(&id, 0);
    store.issue_code(&act, now).await.expect("returns");
    assert_eq!(view(&store, &id).await.what_ended, None);
    world.carry_out_redeem(&store, id).await;
}
