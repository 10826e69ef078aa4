//! The requests and their steps. Each step is atomic in the store; anything may happen before the
//! next.
//!
//! | request | steps |
//! |---|---|
//! | sign-in | verify the password and take the user's epoch; write the browser session, read consent and client; issue the code; answer |
//! | continue | read the browser session with what it handed down, consent and client; issue the code; answer |
//! | redeem | act; compare the epochs, in any order; answer |
//! | refresh | read the grant and its epochs; act; compare the epochs, in any order; answer |
//! | check | read the grant, the denylist, each epoch, in any order; answer |
//! | ending | replace the epoch, or mark the row, or write to the denylist; answer |

use crate::acts::{
    CheckOutcome, ClientId, Epoch, Outcome, ParentEpochs, Proof, RedeemOutcome, RotateOutcome,
    Secret, Under,
};
use crate::grant::Grant;
use crate::interleaving::scenarios::SUBJECT;
use crate::interleaving::witness::Acceptance;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;
use crate::state::Parent;

/// What a racer was asked to do with the scenario's grant. Secrets are right ones that somebody was
/// answered; the client may be any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {
    /// Password, consent and code in one, for the interaction whose id is the grant's.
    SignIn {
        under: Under,
    },
    /// The same interaction, finished on the strength of the browser session.
    Continue,
    Redeem {
        code: u32,
        client: ClientId,
        proof: Proof,
    },
    Refresh {
        token: u32,
        client: ClientId,
    },
    Check {
        access_token: u32,
    },
    Deny {
        access_token: u32,
    },
    EndGrant {
        client: ClientId,
    },
    End(Parent),
}

/// A request that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InFlight {
    pub request: Request,
    /// When it began; seconds. Every act of it carries this instant, however late it comes.
    pub now: i64,
    /// An ending that covers its grant was answered before it began, or before its act was carried
    /// out: it must not be accepted.
    pub late: bool,
    pub progress: Progress,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Progress {
    Begun,
    /// Sign-in: the password was right and the user's epoch this.
    Verified {
        user: Epoch,
    },
    /// Sign-in and continue: the user may have a code. These epochs were read with the credentials.
    Consented {
        verified: ParentEpochs,
    },
    /// Refresh: the grant was found alive. The row is remembered by those only that (wrongly) act
    /// on what they remember.
    Found {
        remembered: Option<Grant>,
    },
    /// The act has given `outcome`; it stands if the reads that are still out find nothing ended. A
    /// bit per read.
    Comparing {
        outcome: Outcome,
        unread: u8,
    },
    /// Nothing is left but to answer.
    Answering {
        outcome: Outcome,
        code: Option<u32>,
    },
    /// An ending that was answered before it was carried out: a bug.
    AnsweredTooEarly,
}

impl InFlight {
    /// What it is about to answer.
    pub fn answer(&self) -> Option<Outcome> {
        match self.progress {
            Progress::Answering { outcome, .. } => Some(outcome),
            _ => None,
        }
    }
}

impl Interleaving {
    /// The request's next step; `None` when it has answered. `read` is the bit of the read that
    /// returns, where several are out.
    pub(super) fn step(
        &self,
        world: &mut World,
        mut racer: InFlight,
        read: u8,
    ) -> Option<InFlight> {
        if let Progress::Answering { outcome, code } = racer.progress {
            self.answer(world, &racer, outcome, code);
            return None;
        }
        if let Progress::Comparing { outcome, unread } = racer.progress {
            racer.progress = self.compare(world, racer.request, outcome, unread, read);
            return Some(racer);
        }
        racer.progress = match racer.request {
            Request::SignIn { under } => self.sign_in(world, &racer, under),
            Request::Continue => self.continue_session(world, &racer)?,
            Request::Redeem {
                code,
                client,
                proof,
            } => self.redeeming(world, &mut racer, code, client, proof),
            Request::Refresh { token, client } => self.refreshing(world, &mut racer, token, client),
            Request::Check { access_token } => self.checking(world, racer.now, access_token),
            Request::Deny { access_token } => answering(world.store.deny(SUBJECT, access_token)),
            Request::EndGrant { client } => answering(self.end_grant(world, client)),
            Request::End(parent) => self.end(world, &racer, parent)?,
        };
        Some(racer)
    }

    fn redeeming(
        &self,
        world: &mut World,
        racer: &mut InFlight,
        code: u32,
        client: ClientId,
        proof: Proof,
    ) -> Progress {
        if self.mutant == Some(Mutant::ReadThenWriteRedemption) && racer.progress == Progress::Begun
        {
            return Progress::Found {
                remembered: world.store.grants.get(&SUBJECT).cloned(),
            };
        }
        let now = racer.now;
        let outcome = self.act(world, racer, client, |row, _| {
            Outcome::RedeemCode(self.redeem(row, Secret::Issued(code), client, proof, now))
        });
        self.decided(
            world,
            outcome.unwrap_or(Outcome::RedeemCode(RedeemOutcome::Unknown)),
        )
    }

    fn refreshing(
        &self,
        world: &mut World,
        racer: &mut InFlight,
        token: u32,
        client: ClientId,
    ) -> Progress {
        if racer.progress == Progress::Begun {
            let row = world
                .store
                .grants
                .get(&SUBJECT)
                .filter(|row| self.is_live(&world.store, row));
            let Some(row) = row else {
                return answering(Outcome::RotateRefreshToken(RotateOutcome::Ended));
            };
            let remembers = self.mutant == Some(Mutant::ReadThenWriteRotation);
            return Progress::Found {
                remembered: remembers.then(|| row.clone()),
            };
        }
        let now = racer.now;
        let outcome = self.act(world, racer, client, |row, stored| {
            Outcome::RotateRefreshToken(self.rotate(
                row,
                stored,
                Secret::Issued(token),
                client,
                now,
            ))
        });
        self.decided(
            world,
            outcome.unwrap_or(Outcome::RotateRefreshToken(RotateOutcome::Unknown)),
        )
    }

    fn checking(&self, world: &World, now: i64, access_token: u32) -> Progress {
        let expires_at = world
            .store
            .access_tokens
            .get(&SUBJECT)
            .and_then(|tokens| tokens.get(access_token as usize))
            .zip(world.store.grants.get(&SUBJECT));
        match expires_at {
            Some((&expires_at, grant)) if now < expires_at && now < grant.expires_at => {
                Progress::Comparing {
                    outcome: Outcome::CheckToken(CheckOutcome::Active),
                    unread: self.reads_of_a_check(world),
                }
            }
            _ => answering(Outcome::CheckToken(CheckOutcome::Expired)),
        }
    }

    fn end_grant(&self, world: &mut World, client: ClientId) -> Outcome {
        let before = world.store.grants.get(&SUBJECT).cloned();
        let alive = world.alive();
        let outcome = world.store.end_grant(SUBJECT, client);
        if let (Some(before), Some(after)) = (before, world.store.grants.get(&SUBJECT)) {
            world
                .witness
                .acted(client, Outcome::EndGrant(outcome), &before, after);
        }
        world.witness.ended_beside(&alive, &world.store);
        Outcome::EndGrant(outcome)
    }

    /// `None` when it was answered before.
    fn end(&self, world: &mut World, racer: &InFlight, parent: Parent) -> Option<Progress> {
        if self.mutant == Some(Mutant::EndingAnsweredFirst) && racer.progress == Progress::Begun {
            world
                .witness
                .ending_answered(parent, Epoch(world.store.epoch(parent).0 + 1));
            return Some(Progress::AnsweredTooEarly);
        }
        let alive = world.alive();
        let outcome = world.store.replace(parent);
        world.witness.ended_above(&alive, &world.store, parent);
        (racer.progress == Progress::Begun).then(|| answering(outcome))
    }

    /// Carries an act out on the grant's row, under the witness's eyes. Who remembers the row
    /// doesn't look again; the act is given what is stored, too.
    fn act(
        &self,
        world: &mut World,
        racer: &mut InFlight,
        client: ClientId,
        act: impl FnOnce(&mut Grant, &Grant) -> Outcome,
    ) -> Option<Outcome> {
        racer.late |= world.is_covered();
        let before = world.store.grants.get(&SUBJECT)?.clone();
        let alive = world.alive();
        let mut row = match &racer.progress {
            Progress::Found {
                remembered: Some(row),
            } => row.clone(),
            _ => before.clone(),
        };
        let outcome = act(&mut row, &before);
        world.witness.acted(client, outcome, &before, &row);
        world.store.grants.insert(SUBJECT, row);
        self.after_act(&mut world.store, outcome);
        world.witness.ended_beside(&alive, &world.store);
        Some(outcome)
    }

    fn answer(&self, world: &mut World, racer: &InFlight, outcome: Outcome, code: Option<u32>) {
        if let Request::End(parent) = racer.request {
            let epoch = world.store.epoch(parent);
            world.witness.ending_answered(parent, epoch);
            return;
        }
        world.witness.codes.extend(code);
        world.witness.answered(racer, outcome, &world.store);
        if Acceptance::of(outcome).is_some_and(|acceptance| acceptance != Acceptance::Checked) {
            world.store.mint_access_token(SUBJECT, racer.now);
        }
    }
}

pub(super) fn answering(outcome: Outcome) -> Progress {
    Progress::Answering {
        outcome,
        code: None,
    }
}
