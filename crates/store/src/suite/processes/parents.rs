//! The races for what grants hang under: a session and its client sessions, a consent, a user.

use super::super::sessions::renewal;
use super::super::world::{Grants, World, cookie, state};
use crate::grants::IssueOutcome;
use crate::sessions::{RenewOutcome, SessionState};
use crate::standing::{StandingChange, StandingOutcome, Status};
use crate::{Epoch, GrantId, SessionId};

pub(super) const KINDS: [&str; 5] = ["renew", "sign_out", "join", "withdraw", "disable"];

/// A user of `world`'s client for one race. It is known by its session's id, which is written as a
/// grant's is.
pub(super) async fn prepare(store: &Grants, world: &World, kind: &str) -> GrantId {
    let own = world.neighbour(store).await;
    if kind != "join" {
        own.issued(store).await;
    }
    GrantId::from_bytes(*own.session.id.as_bytes())
}

/// A racer's act. `own` is no other racer's number.
pub(super) async fn one(
    store: &Grants,
    racer: &World,
    kind: &str,
    id: GrantId,
    number: usize,
    own: u64,
) -> String {
    let (mut racer, now) = (racer.clone(), racer.now);
    let id = SessionId::from_bytes(*id.as_bytes());
    if kind == "sign_out" && number % 2 == 1 {
        let ended = store.end_session(&id, now).await.expect("returns");
        return format!("ended {}", ended.len());
    }
    let found = store.session(&id).await.expect("returns");
    racer.session = found.expect("it is there").session;
    racer.sub.clone_from(&racer.session.sub);
    racer.user_epoch = racer.session.user_epoch;
    match kind {
        "join" => match store.issue_code(&racer.issue(), now).await {
            Ok(IssueOutcome::Issued { sid }) => format!("joined {sid}"),
            outcome => format!("{outcome:?}"),
        },
        "withdraw" => {
            let withdrawn = store.withdraw_consent(&racer.sub, &racer.client_id, now);
            withdrawn.await.expect("returns").to_string()
        }
        "disable" => {
            let change = match number % 2 {
                0 => StandingChange::Disable { epoch: epoch(own) },
                _ => StandingChange::End { epoch: epoch(own) },
            };
            match store
                .change_subject_standing(&racer.sub, &change, now)
                .await
            {
                Ok(StandingOutcome::Changed) => format!("changed {own}"),
                outcome => format!("{outcome:?}"),
            }
        }
        _ => {
            let act = renewal(&racer, own);
            match store.renew_session(&act, now).await.expect("returns") {
                RenewOutcome::Renewed(_) => format!("renewed {own}"),
                outcome => format!("{outcome:?}"),
            }
        }
    }
}

/// The epoch of a racer's own act.
fn epoch(own: u64) -> Epoch {
    Epoch::from_bytes(u128::from(own).to_be_bytes())
}

pub(super) async fn judge(
    store: &Grants,
    world: &World,
    kind: &str,
    id: &GrantId,
    outcomes: &[String],
) {
    let id = SessionId::from_bytes(*id.as_bytes());
    let session = store.session(&id).await.expect("returns");
    let sub = session.expect("it is there").session.sub;
    let count = |wanted: &str| outcomes.iter().filter(|outcome| *outcome == wanted).count();
    match kind {
        "join" => {
            let joined = store.client_session(&id, &world.client_id).await;
            let sid = joined.expect("returns").expect("it is there").sid;
            let same = count(&format!("joined {sid}"));
            assert_eq!(same, outcomes.len(), "{outcomes:?}");
        }
        "withdraw" => {
            let counted = (count("true"), count("false"));
            assert_eq!(counted, (1, outcomes.len() - 1), "{outcomes:?}");
            let kept = store.consent(&sub, &world.client_id).await;
            assert_eq!(kept.expect("returns"), None);
        }
        "disable" => {
            let changed = outcomes.iter().filter_map(|o| o.strip_prefix("changed "));
            let epochs = changed.map(|own| epoch(own.parse().expect("a number")));
            let epochs: Vec<Epoch> = epochs.collect();
            assert_eq!(epochs.len(), outcomes.len(), "{outcomes:?}");
            let subject = store.subject(&sub).await.expect("returns");
            let standing = subject.expect("it is there").standing();
            assert_eq!(standing.status, Status::Disabled);
            assert!(epochs.contains(&standing.epoch), "it is one of theirs");
        }
        _ => judge_session(store, world, kind, &id, outcomes).await,
    }
}

/// However often it was renewed, a session has one current cookie while it lives, and none once it
/// has ended.
async fn judge_session(
    store: &Grants,
    world: &World,
    kind: &str,
    id: &SessionId,
    outcomes: &[String],
) {
    let mut live = 0;
    let mut renewed = 0;
    for number in outcomes.iter().filter_map(|o| o.strip_prefix("renewed ")) {
        let cookie = cookie(id, number.parse().expect("a number"));
        let state = state(store, &cookie, world.now).await;
        renewed += 1;
        live += usize::from(matches!(state, SessionState::Live(_)));
        let ended = state == SessionState::Ended;
        assert_eq!(ended, kind == "sign_out", "{state:?}");
    }
    let told = outcomes.iter().filter(|outcome| *outcome == "ended 1");
    match kind {
        "renew" => assert_eq!((renewed, live), (outcomes.len(), 1), "{outcomes:?}"),
        _ => assert_eq!((told.count(), live), (1, 0), "{outcomes:?}"),
    }
}
