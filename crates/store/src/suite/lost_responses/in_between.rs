//! A commit's response is lost, and before its act looks for it, another act has changed the
//! record.
//!
//! An act that was committed is found again whatever came between, or it is
//! [`StoreError::Contended`]. It is never carried out again on top of what came between, and what
//! it did is never reported as the work of another act.

use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;

use super::super::proxy::Proxy;
use super::super::sessions::renewal;
use super::super::world::{Grants, World, change_user, cookie, epoch, name, session, state};
use super::MAX_PIECES;
use crate::StoreError;
use crate::consents::Consent;
use crate::grants::{IssueCode, IssueOutcome};
use crate::sessions::{RenewOutcome, SessionState};
use crate::standing::{Standing, StandingChange, StandingOutcome, Status};

/// Carries out `act` while a piece of its responses is cut, and `between` right before the cut.
/// Returns what the act returned, if anything, and what `between` did, if the cut was made.
async fn cut<O, T: Send + 'static>(
    proxy: &Proxy,
    pieces: usize,
    act: impl Future<Output = Result<O, StoreError>>,
    between: impl Future<Output = T> + Send + 'static,
) -> (Option<O>, Option<T>) {
    let happened = Arc::new(Mutex::new(None));
    let told = Arc::clone(&happened);
    let between = async move {
        let returned = between.await;
        *told.lock() = Some(returned);
    };
    proxy.cut_after(pieces, Some(Box::pin(between)));
    let outcome = act.await;
    let is_cut = proxy.disarm();
    let happened = happened.lock().take();
    assert_eq!(is_cut, happened.is_some(), "it happened if there was a cut");
    match outcome {
        Ok(outcome) => (Some(outcome), happened),
        Err(StoreError::Unavailable(_) | StoreError::Contended) if is_cut => (None, happened),
        Err(error) => panic!("piece {pieces}: {error}"),
    }
}

/// Cuts one piece more in each turn, until a turn has no such piece.
async fn each_piece(mut turn: impl AsyncFnMut(usize) -> bool) {
    for pieces in 0..MAX_PIECES {
        if !turn(pieces).await {
            return;
        }
    }
    panic!("an act of more than {MAX_PIECES} pieces");
}

/// The new session is signed out. It does not come back.
pub async fn of_a_sign_in_with_a_sign_out_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    let world = World::new(store).await;
    let now = world.now;
    each_piece(async |pieces| {
        let another = session(&world.sub, world.user_epoch, now);
        let (direct, id) = (Arc::clone(store), another.id);
        let between = async move { direct.end_session(&id, now).await.expect("returns") };
        let act = proxied.start_session(&another, None, now);
        let (started, ended) = cut(proxy, pieces, act, between).await;
        let found = state(store, &cookie(&id, 0), now).await;
        match (started, &ended) {
            (_, None) => assert!(matches!(found, SessionState::Live(_)), "{found:?}"),
            (Some(()), Some(_)) => assert_eq!(found, SessionState::Ended),
            (None, Some(_)) => {
                let ended = [SessionState::Ended, SessionState::Unknown];
                assert!(ended.contains(&found), "piece {pieces}: {found:?}");
            }
        }
        ended.is_some()
    })
    .await;
}

/// The user signs in once more. The later cookie stays the current one.
pub async fn of_a_renewal_with_another_in_between(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let (id, now) = (world.session.id, world.now);
        let (direct, later) = (Arc::clone(store), renewal(&world, 2));
        let between = async move { direct.renew_session(&later, now).await.expect("returns") };
        let first = renewal(&world, 1);
        let act = proxied.renew_session(&first, now);
        let (outcome, renewed) = cut(proxy, pieces, act, between).await;
        for outcome in outcome.iter().chain(&renewed) {
            let renewed = matches!(outcome, RenewOutcome::Renewed(_));
            assert!(renewed, "piece {pieces}: {outcome:?}");
        }
        let current = if renewed.is_some() { 2 } else { 1 };
        let found = state(store, &cookie(&id, current), now).await;
        assert!(matches!(found, SessionState::Live(_)), "{found:?}");
        renewed.is_some()
    })
    .await;
}

/// One of the two has ended the session, and says what ended with it.
pub async fn of_a_sign_out_with_another_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let (id, now) = (world.session.id, world.now);
        world.issued(store).await;
        let direct = Arc::clone(store);
        let between = async move { direct.end_session(&id, now).await.expect("returns") };
        let act = proxied.end_session(&id, now);
        let (ended, others) = cut(proxy, pieces, act, between).await;
        if let Some(ended) = ended {
            let others = others.as_ref().map_or(0, Vec::len);
            assert_eq!(ended.len() + others, 1, "piece {pieces}");
        }
        let found = state(store, &cookie(&id, 0), now).await;
        assert_eq!(found, SessionState::Ended);
        others.is_some()
    })
    .await;
}

/// It is ended once more, and then a new one takes its place. One of the two acts has ended it, and
/// the new one is live.
pub async fn of_the_end_of_a_client_session_with_a_new_one_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let now = world.now;
        let issue = world.issue();
        let IssueOutcome::Issued { sid } = issued(store, &world, issue).await else {
            panic!("it is new");
        };
        let (direct, other) = (Arc::clone(store), world.clone());
        let between = async move {
            let ended = direct.end_client_session(&sid, now).await.expect("returns");
            let again = other.issue();
            issued(&direct, &other, again).await;
            ended
        };
        let act = proxied.end_client_session(&sid, now);
        let (ended, others) = cut(proxy, pieces, act, between).await;
        if let Some(ended) = ended {
            assert_ne!(ended, others == Some(true), "piece {pieces}");
        }
        let last = store.client_session(&world.session.id, &world.client_id);
        let last = last.await.expect("returns").expect("it is there");
        let lives = last.ended.is_none() && last.sid != sid;
        assert_eq!(lives, others.is_some(), "piece {pieces}");
        others.is_some()
    })
    .await;
}

async fn issued(store: &Grants, world: &World, act: IssueCode) -> IssueOutcome {
    store.issue_code(&act, world.now).await.expect("returns")
}

/// The browser session ends. The act that ends it names the client session that was joined.
pub async fn of_a_join_with_a_sign_out_in_between(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let (id, now) = (world.session.id, world.now);
        let direct = Arc::clone(store);
        let between = async move { direct.end_session(&id, now).await.expect("returns") };
        let issue = world.issue();
        let act = proxied.issue_code(&issue, now);
        let (outcome, ended) = cut(proxy, pieces, act, between).await;
        if let (Some(outcome), Some(ended)) = (&outcome, &ended) {
            let IssueOutcome::Issued { sid } = outcome else {
                panic!("piece {pieces}: {outcome:?}");
            };
            let named: Vec<_> = ended.iter().map(|session| session.sid).collect();
            assert_eq!(named, [*sid], "piece {pieces}");
        }
        ended.is_some()
    })
    .await;
}

/// The user withdraws the consent that they have just given. It stays withdrawn.
pub async fn of_a_consent_with_its_withdrawal_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let (direct, other) = (Arc::clone(store), world.clone());
        let between = async move {
            let withdrawn = direct.withdraw_consent(&other.sub, &other.client_id, other.now);
            withdrawn.await.expect("returns")
        };
        let issue = world.issue();
        let act = proxied.issue_code(&issue, world.now);
        let (outcome, withdrawn) = cut(proxy, pieces, act, between).await;
        // There was nothing to withdraw yet where the cut was made before the consent was given.
        let given = withdrawn != Some(true) && outcome.is_some();
        let kept = consent(store, &world).await;
        assert_eq!(kept.is_some(), given, "piece {pieces}: {withdrawn:?}");
        withdrawn.is_some()
    })
    .await;
}

/// The user allows the client again. That is not withdrawn.
pub async fn of_a_withdrawal_with_a_new_consent_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        world.issued(store).await;
        let (direct, other) = (Arc::clone(store), world.clone());
        let between = async move { other.issued(&direct).await };
        let act = proxied.withdraw_consent(&world.sub, &world.client_id, world.now);
        let (withdrawn, given) = cut(proxy, pieces, act, between).await;
        assert_ne!(withdrawn, Some(false), "piece {pieces}");
        let kept = consent(store, &world).await;
        assert_eq!(kept.is_some(), given.is_some(), "piece {pieces}");
        given.is_some()
    })
    .await;
}

async fn consent(store: &Grants, world: &World) -> Option<Consent> {
    let found = store.consent(&world.sub, &world.client_id).await;
    found.expect("returns")
}

/// Another ending comes between. The first one's epoch must not be written a second time: it would
/// end whatever took the epoch of the other.
pub async fn of_a_users_ending_with_another_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let now = world.now;
        let (first, last) = (epoch(), epoch());
        let (direct, sub) = (Arc::clone(store), world.sub.clone());
        let between = async move {
            change_user(&direct, &sub, StandingChange::End { epoch: last }, now).await;
        };
        let change = StandingChange::End { epoch: first };
        let act = proxied.change_subject_standing(&world.sub, &change, now);
        let (outcome, other) = cut(proxy, pieces, act, between).await;
        if let Some(outcome) = outcome {
            assert_eq!(outcome, StandingOutcome::Changed, "piece {pieces}");
        }
        let found = store.subject(&world.sub).await.expect("returns");
        let expected = if other.is_some() { last } else { first };
        assert_eq!(found.expect("it is there").epoch, expected);
        other.is_some()
    })
    .await;
}

/// The client is enabled again. It is not disabled once more.
pub async fn of_a_clients_disabling_with_its_enabling_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let (id, now, own) = (world.client_id.clone(), world.now, epoch());
        let (direct, other) = (Arc::clone(store), id.clone());
        let between = async move {
            let enable = StandingChange::Enable { disabled_by: own };
            let enabled = direct.change_client_standing(&other, &enable, now).await;
            enabled.expect("returns")
        };
        let disable = StandingChange::Disable { epoch: own };
        let act = proxied.change_client_standing(&id, &disable, now);
        let (outcome, enabled) = cut(proxy, pieces, act, between).await;
        if let Some(outcome) = outcome {
            assert_eq!(outcome, StandingOutcome::Changed, "piece {pieces}");
        }
        let (epoch, status) = match enabled {
            None => (own, Status::Disabled),
            Some(StandingOutcome::Changed) => (own, Status::Active),
            // It came before the disabling, which was not carried out.
            Some(_) => (world.client_epoch, Status::Active),
        };
        let found = store.client(&id).await.expect("returns");
        let found = found.expect("it is there").standing();
        assert_eq!(found, Standing { epoch, status }, "piece {pieces}");
        enabled.is_some()
    })
    .await;
}

/// The new user is ended. The name was free all the same.
pub async fn of_a_claim_to_a_name_with_an_ending_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let (sub, first, last, now) = (name("bob"), epoch(), epoch(), 0);
        let (direct, other) = (Arc::clone(store), sub.clone());
        let between = async move {
            let end = StandingChange::End { epoch: last };
            let ended = direct.change_subject_standing(&other, &end, now).await;
            ended.expect("returns")
        };
        let act = proxied.create_subject(&sub, first, now);
        let (created, ended) = cut(proxy, pieces, act, between).await;
        assert_ne!(created, Some(false), "piece {pieces}");
        let expected = match ended {
            None => Some(first),
            Some(StandingOutcome::Changed) => Some(last),
            Some(_) => None,
        };
        let found = store.subject(&sub).await.expect("returns");
        assert_eq!(found.map(|subject| subject.epoch), expected);
        ended.is_some()
    })
    .await;
}

/// One of the two has deleted the user.
pub async fn of_a_deletion_with_another_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    each_piece(async |pieces| {
        let world = World::new(store).await;
        let (sub, now) = (world.sub.clone(), world.now);
        let direct = Arc::clone(store);
        let between = async move { direct.delete_subject(&sub, now).await.expect("returns") };
        let act = proxied.delete_subject(&world.sub, now);
        let (deleted, other) = cut(proxy, pieces, act, between).await;
        if let Some(deleted) = deleted {
            assert_ne!(deleted, other == Some(true), "piece {pieces}");
        }
        let found = store.subject(&world.sub).await.expect("returns");
        assert_eq!(found, None);
        other.is_some()
    })
    .await;
}
