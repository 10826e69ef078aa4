//! The loop against an engine that loses races, commits and responses on demand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use countersign_jose::random::{Random, SystemRandom};
use parking_lot::Mutex;
use proptest::prelude::*;
use tokio::time::Instant;

use super::shared::{Engine, Fate, Hint, Parents, carry_out};
use super::{Act, Change, Record, Write};
use crate::access_tokens::NewAccessToken;
use crate::grants::{
    Authorization, CodeRequest, EndCause, EndGrant, EndGrantOutcome, Grant, NewRefreshFamily,
    Origin, Otherwise, Parents as GrantParents, Proof, Redeem, RedeemOutcome, RotateOutcome,
    RotateRefreshToken, Successor, Voucher, WhatEnded,
};
use crate::refresh_tokens::MacKey;
use crate::{ActId, Epoch, GrantId, SecretHash, StoreError};

const NOW: i64 = 1_800_000_000;
const ID: GrantId = GrantId::from_bytes([1; 16]);
const REDIRECT_URI: &str = "https://app.example/callback";
const DEADLINE: Duration = Duration::from_millis(300);

/// What happens to one commit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// It is written, and its response is lost.
    ResponseLost,
    /// It never arrives.
    CommitLost,
    /// Its response is lost, and it arrives after the next read.
    CommitDelayed,
    /// Another act, whichever, is written just before it.
    Overtaken,
}

type Between = Box<dyn FnOnce(&Flaky) + Send>;

/// An engine in memory: one map, and the faults to come.
#[derive(Default)]
struct Flaky {
    grants: Mutex<HashMap<GrantId, Grant>>,
    tokens: Mutex<Vec<SecretHash>>,
    /// For the next commits, the first one first; none after the last.
    faults: Mutex<Vec<Fault>>,
    /// Happens once, right after a commit whose response is lost.
    between: Mutex<Option<Between>>,
    delayed: Mutex<Option<(Option<ActId>, Grant)>>,
    what_ended: Mutex<Option<WhatEnded>>,
    reads: AtomicU32,
}

impl Flaky {
    fn with(grant: Grant) -> Flaky {
        let flaky = Flaky::default();
        flaky.grants.lock().insert(grant.id, grant);
        flaky
    }

    fn fails(self, faults: &[Fault]) -> Flaky {
        *self.faults.lock() = faults.to_vec();
        self
    }

    fn between(self, act: impl FnOnce(&Flaky) + Send + 'static) -> Flaky {
        *self.between.lock() = Some(Box::new(act));
        self
    }

    fn grant(&self) -> Grant {
        self.grants.lock().get(&ID).expect("the grant").clone()
    }

    /// Carries out an act as another caller, without a fault.
    fn at_once<A: Act<Record = Grant>>(&self, act: &A) -> A::Outcome {
        let found = self.grants.lock().get(act.key()).cloned();
        let (write, outcome) = act.decide(found, another(), NOW).under(None);
        if let Write::Record(change) = write {
            self.grants.lock().insert(change.record.id, change.record);
        }
        outcome
    }

    fn write(&self, before: Option<ActId>, grant: Grant) -> bool {
        let mut grants = self.grants.lock();
        if grants.get(&grant.id).map(Record::written_by) != before {
            return false;
        }
        grants.insert(grant.id, grant);
        true
    }

    fn lose(&self) -> Fate {
        if let Some(act) = self.between.lock().take() {
            act(self);
        }
        Fate::Unknown(StoreError::Unavailable("cut".to_owned()))
    }
}

#[async_trait]
impl Engine<Grant> for Flaky {
    async fn read(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let found = self.grants.lock().get(id).cloned();
        if let Some((before, grant)) = self.delayed.lock().take() {
            self.write(before, grant);
        }
        Ok(found)
    }

    async fn commit(
        &self,
        before: Option<ActId>,
        change: &Change<Grant>,
    ) -> Result<Fate, StoreError> {
        let fault = {
            let mut faults = self.faults.lock();
            (!faults.is_empty()).then(|| faults.remove(0))
        };
        let grant = change.record.clone();
        match fault {
            Some(Fault::CommitLost) => return Ok(self.lose()),
            Some(Fault::CommitDelayed) => {
                *self.delayed.lock() = Some((before, grant));
                return Ok(self.lose());
            }
            Some(Fault::Overtaken) => {
                let mut grants = self.grants.lock();
                grants.get_mut(&grant.id).expect("there").written_by = another();
            }
            Some(Fault::ResponseLost) | None => {}
        }
        if !self.write(before, grant) {
            return Ok(Fate::Conflict);
        }
        let token = change.access_token.as_ref().map(|token| token.hash);
        self.tokens.lock().extend(token);
        match fault {
            Some(Fault::ResponseLost) => Ok(self.lose()),
            _ => Ok(Fate::Written(Parents::Unread)),
        }
    }

    async fn insert(&self, token: &NewAccessToken) -> Result<(), StoreError> {
        self.tokens.lock().push(token.hash);
        Ok(())
    }

    async fn parents(&self, _id: &GrantId) -> Result<Option<WhatEnded>, StoreError> {
        Ok(*self.what_ended.lock())
    }

    fn random(&self) -> &dyn Random {
        &SystemRandom
    }

    fn act_deadline(&self) -> Duration {
        DEADLINE
    }
}

fn another() -> ActId {
    ActId::generate(&SystemRandom)
}

fn hash(text: &str) -> SecretHash {
    SecretHash::of(text.as_bytes())
}

fn token(n: u32) -> SecretHash {
    hash(&format!("refresh token {n}"))
}

/// A grant whose code is unused.
fn issued() -> Grant {
    let epoch = Epoch::from_bytes([2; 16]);
    Grant {
        id: ID,
        client_id: "client".to_owned(),
        sub: "alice".to_owned(),
        scope: "openid".to_owned(),
        parents: GrantParents {
            user: epoch,
            client: epoch,
            consent: epoch,
            session: None,
        },
        authorization: Authorization::default(),
        origin: Origin::Code {
            code: Voucher {
                hash: hash("code"),
                expires_at: NOW + 60,
                used: None,
            },
            request: CodeRequest {
                redirect_uri: REDIRECT_URI.to_owned(),
                code_challenge: None,
                with_tokens: false,
            },
        },
        refreshable: true,
        refresh: None,
        ended: None,
        created_at: NOW,
        expires_at: NOW + 10_000,
        keep_until: NOW + 60,
        written_by: another(),
    }
}

/// The same, redeemed: refresh token 0 is current.
fn redeemed() -> Grant {
    let flaky = Flaky::with(issued());
    flaky.at_once(&redeem());
    flaky.grant()
}

fn redeem() -> Redeem {
    Redeem {
        grant: ID,
        presented: hash("code"),
        client_id: "client".to_owned(),
        proof: Proof::Code {
            redirect_uri: Some(REDIRECT_URI.to_owned()),
            code_challenge: None,
        },
        refresh: NewRefreshFamily {
            mac_key: MacKey::from_bytes([7; 32]),
            first: token(0),
            idle_expires_at: None,
            binding_key: None,
        },
        access_token: None,
    }
}

/// Presents refresh token `n` for `next`.
fn rotate(n: u32, next: u32) -> RotateRefreshToken {
    RotateRefreshToken {
        grant: ID,
        client_id: "client".to_owned(),
        presented: token(n),
        of_the_family: true,
        binding_key: None,
        successor: Some(Successor {
            hash: token(next),
            sealed: next.to_be_bytes().to_vec(),
            grace_until: NOW + 10,
        }),
        idle_expires_at: None,
        access_token: None,
        otherwise: Otherwise::Proceed,
        hint: None,
    }
}

fn end() -> EndGrant {
    EndGrant {
        grant: ID,
        client_id: None,
        cause: EndCause::Revoked,
    }
}

async fn done<A: Act<Record = Grant>>(flaky: &Flaky, act: &A) -> Result<A::Outcome, StoreError> {
    carry_out(flaky, act, Hint::Unread, NOW).await
}

const LOST: [Fault; 3] = [Fault::ResponseLost, Fault::CommitLost, Fault::CommitDelayed];

#[tokio::test]
async fn an_act_whose_response_was_lost_returns_what_it_did() {
    for fault in LOST {
        let flaky = Flaky::with(issued()).fails(&[fault]);
        let outcome = done(&flaky, &redeem()).await.expect("found");
        assert!(
            matches!(outcome, RedeemOutcome::Redeemed(_)),
            "{fault:?}: {outcome:?}"
        );

        let flaky = Flaky::with(issued()).fails(&[fault]);
        let mut wrong = redeem();
        wrong.proof = Proof::Code {
            redirect_uri: None,
            code_challenge: None,
        };
        let outcome = done(&flaky, &wrong).await.expect("found");
        assert!(
            matches!(outcome, RedeemOutcome::Invalidated { .. }),
            "{fault:?}: {outcome:?}"
        );

        let flaky = Flaky::with(redeemed()).fails(&[fault]);
        let outcome = done(&flaky, &redeem()).await.expect("found");
        assert_eq!(
            outcome,
            RedeemOutcome::Replayed { used_at: NOW },
            "{fault:?}"
        );

        let flaky = Flaky::with(redeemed()).fails(&[fault]);
        let outcome = done(&flaky, &rotate(0, 1)).await.expect("found");
        assert_eq!(outcome, RotateOutcome::Rotated, "{fault:?}");
        assert_eq!(flaky.grant().refresh.expect("a family").current, token(1));

        let flaky = Flaky::with(redeemed()).fails(&[fault]);
        let mut kept = rotate(0, 0);
        kept.successor = None;
        let outcome = done(&flaky, &kept).await.expect("found");
        assert_eq!(outcome, RotateOutcome::Kept, "{fault:?}");

        let flaky = Flaky::with(redeemed()).fails(&[fault]);
        flaky.at_once(&rotate(0, 1));
        flaky.at_once(&rotate(1, 2));
        let outcome = done(&flaky, &rotate(0, 9)).await.expect("found");
        assert_eq!(
            outcome,
            RotateOutcome::Reused { rotated_at: NOW },
            "{fault:?}"
        );

        let flaky = Flaky::with(redeemed()).fails(&[fault]);
        let outcome = done(&flaky, &end()).await.expect("found");
        assert_eq!(outcome, EndGrantOutcome::Ended, "{fault:?}");
    }
}

#[tokio::test]
async fn a_response_lost_again_and_again_is_found_in_the_end() {
    let faults = [Fault::CommitLost, Fault::CommitDelayed, Fault::ResponseLost];
    let flaky = Flaky::with(redeemed()).fails(&faults);
    let outcome = done(&flaky, &rotate(0, 1)).await.expect("found");
    assert_eq!(outcome, RotateOutcome::Rotated);
}

#[tokio::test]
async fn a_committed_act_is_found_whatever_came_between() {
    let flaky = Flaky::with(issued()).fails(&[Fault::ResponseLost]);
    let flaky = flaky.between(|flaky| {
        flaky.at_once(&end());
    });
    let outcome = done(&flaky, &redeem()).await.expect("found");
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");

    // Another caller repeats the rotation and uses the successor, before this act has looked again.
    let flaky = Flaky::with(redeemed()).fails(&[Fault::ResponseLost]);
    let flaky = flaky.between(|flaky| {
        let repeated = flaky.at_once(&rotate(0, 5));
        assert!(matches!(repeated, RotateOutcome::Repeated { .. }));
        assert_eq!(flaky.at_once(&rotate(1, 2)), RotateOutcome::Rotated);
    });
    let outcome = done(&flaky, &rotate(0, 1)).await.expect("found");
    assert_eq!(outcome, RotateOutcome::Rotated);
    assert_eq!(flaky.grant().ended, None);
}

#[tokio::test]
async fn an_act_of_unknown_fate_that_does_not_find_itself_ends_nothing() {
    // Its token is an ancestor by then.
    let flaky = Flaky::with(redeemed()).fails(&[Fault::ResponseLost]);
    let flaky = flaky.between(|flaky| {
        flaky.at_once(&rotate(1, 2));
        flaky.at_once(&rotate(2, 3));
    });
    let outcome = done(&flaky, &rotate(0, 1)).await;
    assert!(matches!(outcome, Err(StoreError::Contended)), "{outcome:?}");
    assert_eq!(flaky.grant().ended, None);

    // Without its grace this would be reuse.
    let flaky = Flaky::with(redeemed()).fails(&[Fault::CommitLost]);
    let flaky = flaky.between(|flaky| {
        let mut other = rotate(0, 2);
        other.successor.as_mut().expect("one").sealed.clear();
        assert_eq!(flaky.at_once(&other), RotateOutcome::Rotated);
    });
    let outcome = done(&flaky, &rotate(0, 1)).await;
    assert!(matches!(outcome, Err(StoreError::Contended)), "{outcome:?}");
    assert_eq!(flaky.grant().ended, None);

    // And this a replay.
    let flaky = Flaky::with(issued()).fails(&[Fault::CommitLost]);
    let flaky = flaky.between(|flaky| drop(flaky.at_once(&redeem())));
    let outcome = done(&flaky, &redeem()).await;
    assert!(matches!(outcome, Err(StoreError::Contended)), "{outcome:?}");
    assert_eq!(flaky.grant().ended, None);
}

#[tokio::test]
async fn an_ending_of_unknown_fate_starts_again() {
    for fault in LOST {
        let flaky = Flaky::with(redeemed()).fails(&[fault]);
        let flaky = flaky.between(|flaky| drop(flaky.at_once(&rotate(0, 1))));
        let outcome = done(&flaky, &end()).await.expect("ends");
        assert_eq!(outcome, EndGrantOutcome::Ended, "{fault:?}");
        assert!(flaky.grant().ended.is_some());
    }
}

#[tokio::test]
async fn an_overtaken_act_decides_again_until_its_deadline() {
    let flaky = Flaky::with(redeemed()).fails(&[Fault::Overtaken; 3]);
    let outcome = done(&flaky, &rotate(0, 1)).await.expect("decided");
    assert_eq!(outcome, RotateOutcome::Rotated);

    let flaky = Flaky::with(redeemed()).fails(&[Fault::Overtaken; 10_000]);
    let started = Instant::now();
    let outcome = done(&flaky, &rotate(0, 1)).await;
    assert!(matches!(outcome, Err(StoreError::Contended)), "{outcome:?}");
    assert!(started.elapsed() >= DEADLINE);
}

#[tokio::test]
async fn an_overtaken_ending_goes_on_without_delay() {
    let flaky = Flaky::with(redeemed()).fails(&[Fault::Overtaken; 200]);
    let started = Instant::now();
    let outcome = done(&flaky, &end()).await.expect("ends");
    assert_eq!(outcome, EndGrantOutcome::Ended);
    // With pauses it would have taken three seconds.
    assert!(started.elapsed() < DEADLINE, "{:?}", started.elapsed());
}

#[tokio::test]
async fn parents_are_read_after_the_commit_and_undo_nothing() {
    let flaky = Flaky::with(redeemed());
    *flaky.what_ended.lock() = Some(WhatEnded::User);
    let outcome = done(&flaky, &rotate(0, 1)).await.expect("decided");
    assert_eq!(outcome, RotateOutcome::Ended(WhatEnded::User));
    let grant = flaky.grant();
    assert_eq!(grant.refresh.expect("a family").current, token(1));
    assert_eq!(grant.ended, None);

    // What ended between the read and the commit is seen.
    let flaky = Flaky::with(redeemed()).fails(&[Fault::ResponseLost]);
    let flaky = flaky.between(|flaky| *flaky.what_ended.lock() = Some(WhatEnded::Client));
    let outcome = done(&flaky, &rotate(0, 1)).await.expect("decided");
    assert_eq!(outcome, RotateOutcome::Ended(WhatEnded::Client));
}

#[tokio::test]
async fn what_the_caller_had_read_spares_a_read_and_grants_nothing() {
    let reads = |flaky: &Flaky| flaky.reads.load(Ordering::Relaxed);
    let hint = || Hint::Read(Some(redeemed()));
    let flaky = Flaky::with(redeemed());
    let known = Hint::Read(Some(flaky.grant()));
    let outcome = carry_out(&flaky, &rotate(0, 1), known, NOW).await;
    assert_eq!(outcome.expect("decided"), RotateOutcome::Rotated);
    assert_eq!(reads(&flaky), 0);

    // A refusal may rest on it.
    let outcome = carry_out(&flaky, &rotate(8, 9), Hint::Read(None), NOW).await;
    assert_eq!(outcome.expect("decided"), RotateOutcome::Unknown);
    assert_eq!(reads(&flaky), 0);

    // What was rotated meanwhile is found by the commit.
    let outcome = carry_out(&flaky, &rotate(0, 2), hint(), NOW).await;
    let sealed_successor = 1_u32.to_be_bytes().to_vec();
    assert_eq!(
        outcome.expect("decided"),
        RotateOutcome::Repeated { sealed_successor }
    );
    assert_eq!(reads(&flaky), 1);

    // A repetition hands something out, so it is read again: the grant has ended meanwhile.
    let known = Hint::Read(Some(flaky.grant()));
    flaky.at_once(&end());
    let outcome = carry_out(&flaky, &rotate(0, 2), known, NOW).await;
    let ended = RotateOutcome::Ended(WhatEnded::Grant(EndCause::Revoked));
    assert_eq!(outcome.expect("decided"), ended);
    assert_eq!(reads(&flaky), 2);
}

proptest! {
    /// A client that presents each token once, and the same one again only where the store failed,
    /// is never told of reuse, whatever is lost: the incident of 80 revoked chains.
    #[test]
    fn no_fault_makes_a_well_behaved_client_look_like_a_thief(
        faults in prop::collection::vec(
            prop_oneof![
                Just(Fault::ResponseLost),
                Just(Fault::CommitLost),
                Just(Fault::CommitDelayed),
                Just(Fault::Overtaken),
            ],
            0..12,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(async {
            let flaky = Flaky::with(redeemed()).fails(&faults);
            let (mut current, mut next) = (0, 1);
            for _ in 0..10 {
                match done(&flaky, &rotate(current, next)).await {
                    Ok(RotateOutcome::Rotated) => current = next,
                    Ok(RotateOutcome::Repeated { sealed_successor }) => {
                        let sealed = sealed_successor.try_into().expect("four bytes");
                        current = u32::from_be_bytes(sealed);
                    }
                    Err(StoreError::Contended) => {}
                    other => panic!("{other:?} after {faults:?}"),
                }
                next += 1;
            }
            assert_eq!(flaky.grant().ended, None);
        });
    }
}
