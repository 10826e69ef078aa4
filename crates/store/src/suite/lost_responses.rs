//! Lost responses: a store whose server does what it is told, but the response never arrives.
//!
//! Each test cuts off the first piece of the response, then the second, and so on until an act
//! needs no more pieces than pass. So each read, each commit and each read of the parents is cut
//! off once. An act may then fail ([`StoreError::Unavailable`], [`StoreError::Contended`]) or
//! return what it did; it is never treated as a replay or reuse, and it ends nothing.
//!
//! ```ignore
//! let proxy = Proxy::start(server).await;
//! let proxied = open_through(proxy.address()).await;
//! lost_responses::of_a_redemption(&direct, &proxied, &proxy).await;
//! ```

mod at_once;
mod in_between;

use std::sync::Arc;

use super::proxy::Proxy;
use super::sessions::renewal;
use super::world::{Grants, World, end, epoch, name, redeem, rotate, session, view};
use crate::StoreError;
use crate::grants::{EndCause, EndGrantOutcome, IssueOutcome, RedeemOutcome, RotateOutcome};
use crate::sessions::RenewOutcome;
use crate::standing::{StandingChange, StandingOutcome};

pub use at_once::*;
pub use in_between::*;

/// More pieces than the responses to any act have.
const MAX_PIECES: usize = 60;

/// How often an act returned what it did although a response was cut off, and how often none was.
#[derive(Debug, Default)]
struct Tally {
    found: u32,
    uncut: u32,
}

impl Tally {
    fn count<T>(&mut self, is_cut: bool, outcome: &Result<T, StoreError>) {
        match (is_cut, outcome) {
            (true, Ok(_)) => self.found += 1,
            (true, Err(StoreError::Unavailable(_) | StoreError::Contended)) => {}
            (false, Ok(_)) => self.uncut += 1,
            (_, Err(error)) => panic!("{error}"),
        }
    }

    /// Whether acts pass uncut by now, on a connection that was cut before and on one that was not.
    fn is_complete(&self) -> bool {
        self.uncut >= 3
    }

    fn judge(&self) {
        assert!(self.uncut > 0, "every piece was cut once: {self:?}");
        assert!(self.found > 0, "a cut act found what it did: {self:?}");
    }
}

pub async fn of_a_redemption(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    let world = World::new(store).await;
    let mut tally = Tally::default();
    for pieces in 0..MAX_PIECES {
        let id = world.issued(store).await;
        proxy.cut_after(pieces, None);
        let outcome = proxied.redeem(&world.redeem(id), world.now).await;
        tally.count(proxy.disarm(), &outcome);
        if let Ok(outcome) = outcome {
            assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
        }
        assert_eq!(view(store, &id).await.what_ended, None, "piece {pieces}");
        if tally.is_complete() {
            break;
        }
    }
    tally.judge();
}

pub async fn of_a_rotation(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    let world = World::new(store).await;
    let mut tally = Tally::default();
    for pieces in 0..MAX_PIECES {
        let id = world.redeemed(store).await;
        proxy.cut_after(pieces, None);
        let act = world.rotate(id, 0, world.now);
        let outcome = proxied.rotate_refresh_token(&act, world.now).await;
        tally.count(proxy.disarm(), &outcome);
        if let Ok(outcome) = outcome {
            assert_eq!(outcome, RotateOutcome::Rotated);
        }
        // The client tries again, as it would.
        let again = rotate(store, &act, world.now).await;
        let good = matches!(
            again,
            RotateOutcome::Rotated | RotateOutcome::Repeated { .. }
        );
        assert!(good, "piece {pieces}: {again:?}");
        assert_eq!(view(store, &id).await.what_ended, None);
        if tally.is_complete() {
            break;
        }
    }
    tally.judge();
}

pub async fn of_an_ending(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    let world = World::new(store).await;
    let mut tally = Tally::default();
    for pieces in 0..MAX_PIECES {
        let id = world.redeemed(store).await;
        proxy.cut_after(pieces, None);
        let cause = EndCause::Revoked;
        let outcome = proxied.end_grant(&id, None, cause, world.now).await;
        tally.count(proxy.disarm(), &outcome);
        match outcome {
            Ok(outcome) => {
                assert_eq!(outcome, EndGrantOutcome::Ended);
                assert!(
                    view(store, &id).await.what_ended.is_some(),
                    "piece {pieces}"
                );
            }
            Err(_) => end(store, &id, world.now).await,
        }
        if tally.is_complete() {
            break;
        }
    }
    tally.judge();
}

pub async fn of_an_issue(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    let world = World::new(store).await;
    let mut tally = Tally::default();
    for pieces in 0..MAX_PIECES {
        let act = world.issue();
        proxy.cut_after(pieces, None);
        let outcome = proxied.issue_code(&act, world.now).await;
        tally.count(proxy.disarm(), &outcome);
        if let Ok(outcome) = outcome {
            let issued = matches!(outcome, IssueOutcome::Issued { .. });
            assert!(issued, "piece {pieces}: {outcome:?}");
            world.carry_out_redeem(store, act.grant.id).await;
        }
        if tally.is_complete() {
            break;
        }
    }
    tally.judge();
}

/// Between the cut and the next look, someone else presents the same token and uses the successor.
pub async fn of_a_rotation_with_another_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    /// The number of the act's own successor; the other's is 1.
    const OWN: u64 = 77;
    let world = World::new(store).await;
    for pieces in 0..MAX_PIECES {
        let id = world.redeemed(store).await;
        let (direct, other) = (Arc::clone(store), world.clone());
        let between = async move {
            let now = other.now;
            let current = match rotate(&direct, &other.rotate(id, 0, now), now).await {
                RotateOutcome::Rotated => 1,
                RotateOutcome::Repeated { .. } => OWN,
                outcome => panic!("{outcome:?}"),
            };
            other.rotated(&direct, id, current, now).await;
        };
        proxy.cut_after(pieces, Some(Box::pin(between)));
        let mut act = world.rotate(id, 0, world.now);
        act.successor = world.rotate(id, OWN - 1, world.now).successor;
        let outcome = proxied.rotate_refresh_token(&act, world.now).await;
        let is_cut = proxy.disarm();
        match outcome {
            Ok(RotateOutcome::Rotated)
            | Err(StoreError::Unavailable(_) | StoreError::Contended) => {}
            outcome => panic!("piece {pieces}: {outcome:?}"),
        }
        assert_eq!(view(store, &id).await.what_ended, None, "piece {pieces}");
        if !is_cut {
            return;
        }
    }
    panic!("an act of more than {MAX_PIECES} pieces");
}

/// The code is presented a second time between the cut and the next look. Only that one may be
/// judged a replay.
pub async fn of_a_redemption_with_another_in_between(
    store: &Grants,
    proxied: &Grants,
    proxy: &Proxy,
) {
    let world = World::new(store).await;
    for pieces in 0..MAX_PIECES {
        let id = world.issued(store).await;
        let (direct, other) = (Arc::clone(store), world.clone());
        let between = async move {
            let outcome = redeem(&direct, &other.redeem(id), other.now).await;
            let good = matches!(
                outcome,
                RedeemOutcome::Redeemed(_) | RedeemOutcome::Replayed { .. }
            );
            assert!(good, "{outcome:?}");
        };
        proxy.cut_after(pieces, Some(Box::pin(between)));
        let outcome = proxied.redeem(&world.redeem(id), world.now).await;
        let is_cut = proxy.disarm();
        match outcome {
            Ok(RedeemOutcome::Redeemed(_))
            | Err(StoreError::Unavailable(_) | StoreError::Contended) => {}
            outcome => panic!("piece {pieces}: {outcome:?}"),
        }
        if !is_cut {
            return;
        }
    }
    panic!("an act of more than {MAX_PIECES} pieces");
}

/// The acts on sessions, consents, users and names, in an engine that commits each by
/// compare-and-set.
pub async fn of_every_other_act(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    let mut tallies: [Tally; OTHER_ACTS] = Default::default();
    for (act, tally) in tallies.iter_mut().enumerate() {
        for pieces in 0..MAX_PIECES {
            let world = World::new(store).await;
            world.issued(store).await;
            proxy.cut_after(pieces, None);
            let took_place = carry_out_other(act, &world, proxied).await;
            tally.count(proxy.disarm(), &took_place);
            if let Ok(took_place) = took_place {
                assert!(took_place, "act {act}, piece {pieces}");
            }
            if tally.is_complete() {
                break;
            }
        }
        tally.judge();
    }
}

const OTHER_ACTS: usize = 9;

/// Carries out one act of a kind. Returns whether it took place as if by itself.
async fn carry_out_other(act: usize, world: &World, store: &Grants) -> Result<bool, StoreError> {
    let now = world.now;
    let changed = |outcome| outcome == StandingOutcome::Changed;
    match act {
        0 => {
            let another = session(&world.sub, world.user_epoch, now);
            store.start_session(&another, None, now).await?;
            Ok(store.session(&another.id).await?.is_some())
        }
        1 => {
            let outcome = store.renew_session(&renewal(world, 1), now).await?;
            Ok(matches!(outcome, RenewOutcome::Renewed(_)))
        }
        2 => {
            let ended = store.end_session(&world.session.id, now).await?;
            Ok(ended.len() == 1)
        }
        3 => {
            let found = store.client_session(&world.session.id, &world.client_id);
            let found = found.await?.expect("it is there");
            store.end_client_session(&found.sid, now).await
        }
        4 => {
            store
                .withdraw_consent(&world.sub, &world.client_id, now)
                .await
        }
        5 => {
            let change = StandingChange::Disable { epoch: epoch() };
            let outcome = store.change_subject_standing(&world.sub, &change, now);
            Ok(changed(outcome.await?))
        }
        6 => {
            let change = StandingChange::End { epoch: epoch() };
            let outcome = store.change_client_standing(&world.client_id, &change, now);
            Ok(changed(outcome.await?))
        }
        7 => store.create_subject(&name("bob"), epoch(), now).await,
        _ => store.delete_subject(&world.sub, now).await,
    }
}
