//! The requests and their steps. Each step is atomic in the store; anything may happen before the next.
//!
//! | request | steps |
//! |---|---|
//! | sign-in | verify the credential and take the user's epoch; write the browser session, read consent and client; issue the code; answer |
//! | redeem | act; compare the epochs, in any order; answer |
//! | refresh | read the grant and its epochs; act; compare the epochs, in any order; answer |
//! | check | read the grant, the denylist, each epoch, in any order; answer |
//! | ending | replace the epoch, or mark the row, or write to the denylist; answer |

use crate::acts::{
    CheckOutcome, ClientId, EndGrantOutcome, Epoch, GrantId, IssueOutcome, Outcome, ParentEpochs,
    Proof, RedeemOutcome, RotateOutcome, Secret, Under,
};
use crate::grant::Grant;
use crate::interleaving::witness::Acceptance;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;
use crate::state::{Parent, parents};

/// What a racer was asked to do. Secrets are right ones that somebody was answered; the client may be any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {
    /// Password, consent and code in one, for the interaction whose id is the grant's.
    SignIn {
        grant: GrantId,
        client: ClientId,
        under: Under,
    },
    Redeem {
        grant: GrantId,
        code: u32,
        client: ClientId,
        proof: Proof,
    },
    Refresh {
        grant: GrantId,
        token: u32,
        client: ClientId,
    },
    Check {
        grant: GrantId,
        access_token: u32,
    },
    Deny {
        grant: GrantId,
        access_token: u32,
    },
    EndGrant {
        grant: GrantId,
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
    /// An ending that covers its grant was answered before it began, or before its act was carried out: it must not be accepted.
    pub late: bool,
    pub progress: Progress,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Progress {
    Begun,
    /// Sign-in: the credential was right and the user's epoch this.
    Verified {
        user: Epoch,
    },
    /// Sign-in: the session is written, and these are the epochs to hand down.
    Consented {
        taken: ParentEpochs,
    },
    /// Refresh: the grant was found alive. The row is remembered by those only that (wrongly) act on what they remember.
    Found {
        remembered: Option<Grant>,
    },
    /// The act has given `outcome`; it stands if the `unread` reads find nothing ended. A bit per read: the four of [`parents`], [`ROW`], [`DENYLIST`].
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

/// The bit of the grant's row among the reads of a check.
pub const ROW: u8 = 1 << 4;
/// The bit of the denylist among the reads of a check.
pub const DENYLIST: u8 = 1 << 5;

impl Request {
    /// The grant that the request presents something of.
    pub fn grant(&self) -> Option<GrantId> {
        match *self {
            Self::SignIn { grant, .. }
            | Self::Redeem { grant, .. }
            | Self::Refresh { grant, .. }
            | Self::Check { grant, .. }
            | Self::Deny { grant, .. }
            | Self::EndGrant { grant, .. } => Some(grant),
            Self::End(_) => None,
        }
    }
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
    /// The request's next step; `None` when it has answered.
    pub(super) fn step(
        &self,
        world: &mut World,
        mut racer: InFlight,
        read: u8,
    ) -> Option<InFlight> {
        let now = racer.now;
        racer.progress = match (racer.progress.clone(), racer.request) {
            (Progress::Answering { outcome, code }, request) => {
                self.answer(world, &racer, request, outcome, code);
                return None;
            }
            (Progress::AnsweredTooEarly, request) => {
                if let Request::End(parent) = request {
                    world.store.replace(parent);
                }
                return None;
            }
            (Progress::Comparing { outcome, unread }, request) => {
                self.compare(world, request, outcome, unread, 1 << read)
            }
            (
                _,
                Request::SignIn {
                    grant,
                    client,
                    under,
                },
            ) => self.sign_in(world, &racer, grant, client, under),
            (
                progress,
                Request::Redeem {
                    grant,
                    code,
                    client,
                    proof,
                },
            ) => {
                if let (Some(Mutant::ReadThenWriteRedemption), Progress::Begun) =
                    (self.mutant, &progress)
                {
                    Progress::Found {
                        remembered: world.store.grants.get(&grant).cloned(),
                    }
                } else {
                    racer.late |= world.is_covered(grant);
                    let outcome = self.act(world, grant, client, remembered(progress), |row, _| {
                        Outcome::RedeemCode(self.redeem(
                            row,
                            Secret::Issued(code),
                            client,
                            proof,
                            now,
                        ))
                    });
                    self.decided(
                        world,
                        grant,
                        outcome.unwrap_or(Outcome::RedeemCode(RedeemOutcome::Unknown)),
                    )
                }
            }
            (Progress::Begun, Request::Refresh { grant, .. }) => {
                match world.store.grants.get(&grant) {
                    Some(row) if self.is_live(&world.store, row) => {
                        let remembers = self.mutant == Some(Mutant::ReadThenWriteRotation);
                        Progress::Found {
                            remembered: remembers.then(|| row.clone()),
                        }
                    }
                    _ => answering(Outcome::RotateRefreshToken(RotateOutcome::Ended)),
                }
            }
            (
                progress,
                Request::Refresh {
                    grant,
                    token,
                    client,
                },
            ) => {
                racer.late |= world.is_covered(grant);
                let outcome = self.act(world, grant, client, remembered(progress), |row, world| {
                    Outcome::RotateRefreshToken(self.rotate(
                        world,
                        grant,
                        row,
                        Secret::Issued(token),
                        client,
                        now,
                    ))
                });
                self.decided(
                    world,
                    grant,
                    outcome.unwrap_or(Outcome::RotateRefreshToken(RotateOutcome::Unknown)),
                )
            }
            (
                _,
                Request::Check {
                    grant,
                    access_token,
                },
            ) => {
                let exp = world
                    .store
                    .access_tokens
                    .get(&grant)
                    .and_then(|tokens| tokens.get(access_token as usize));
                if exp.is_none_or(|&exp| now >= exp) {
                    answering(Outcome::CheckToken(CheckOutcome::Expired))
                } else {
                    let unread = self.readable(world, grant)
                        | ROW
                        | if self.scenario.denies { DENYLIST } else { 0 };
                    Progress::Comparing {
                        outcome: Outcome::CheckToken(CheckOutcome::Active),
                        unread,
                    }
                }
            }
            (
                _,
                Request::Deny {
                    grant,
                    access_token,
                },
            ) => answering(world.store.deny(grant, access_token)),
            (_, Request::EndGrant { grant, client }) => {
                let outcome = self.act(world, grant, client, None, |row, _| {
                    if row.client != client {
                        return Outcome::EndGrant(EndGrantOutcome::ForeignClient);
                    }
                    row.ended = true;
                    Outcome::EndGrant(EndGrantOutcome::Ended)
                });
                answering(outcome.unwrap_or(Outcome::EndGrant(EndGrantOutcome::Unknown)))
            }
            (_, Request::End(parent)) if self.mutant == Some(Mutant::EndingAnsweredFirst) => {
                world
                    .witness
                    .ending_answered(parent, Epoch(world.store.epoch(parent).0 + 1));
                Progress::AnsweredTooEarly
            }
            (_, Request::End(parent)) => {
                let alive = world.alive();
                let outcome = world.store.replace(parent);
                world.witness.ended_above(&alive, &world.store, parent);
                answering(outcome)
            }
        };
        Some(racer)
    }

    fn sign_in(
        &self,
        world: &mut World,
        racer: &InFlight,
        grant: GrantId,
        client: ClientId,
        under: Under,
    ) -> Progress {
        let present = world.store.present_epochs(client, under);
        match racer.progress {
            Progress::Begun => Progress::Verified { user: present.user },
            Progress::Verified { user } => Progress::Consented {
                taken: ParentEpochs { user, ..present },
            },
            Progress::Consented { taken: verified } => {
                let taken = match self.mutant {
                    Some(Mutant::EpochsReadLate) => present,
                    _ => verified,
                };
                let outcome = world.store.issue(grant, client, under, taken, racer.now);
                let code = world
                    .store
                    .grants
                    .get(&grant)
                    .map(|row| row.code)
                    .filter(|_| outcome != IssueOutcome::AlreadyUsed);
                if let Some(code) = code {
                    world.witness.issued(grant, code, verified);
                }
                Progress::Answering {
                    outcome: Outcome::IssueCode(outcome),
                    code,
                }
            }
            _ => answering(Outcome::IssueCode(IssueOutcome::AlreadyUsed)),
        }
    }

    /// Carries an act out on the grant's row, under the witness's eyes. `remembered` stands for the row with those that don't look again.
    fn act(
        &self,
        world: &mut World,
        id: GrantId,
        client: ClientId,
        remembered: Option<Grant>,
        act: impl FnOnce(&mut Grant, &mut World) -> Outcome,
    ) -> Option<Outcome> {
        let before = world.store.grants.get(&id)?.clone();
        let alive = world.alive();
        let mut row = remembered.unwrap_or_else(|| before.clone());
        let outcome = act(&mut row, world);
        world.witness.acted(id, client, outcome, &before, &row);
        world.store.grants.insert(id, row);
        world.witness.ended_beside(&alive, &world.store, id);
        Some(outcome)
    }

    /// An acceptance goes on to the comparison of the epochs; a refusal is answered as it is.
    fn decided(&self, world: &World, grant: GrantId, outcome: Outcome) -> Progress {
        let compares = match outcome {
            Outcome::RotateRefreshToken(_) => self.mutant != Some(Mutant::ComparedBeforeTheActOnly),
            _ => true,
        };
        if Acceptance::of(outcome).is_none() || !compares {
            return answering(outcome);
        }
        match self.readable(world, grant) {
            0 => answering(outcome),
            unread => Progress::Comparing { outcome, unread },
        }
    }

    /// One of the parallel reads returns.
    fn compare(
        &self,
        world: &World,
        request: Request,
        outcome: Outcome,
        unread: u8,
        read: u8,
    ) -> Progress {
        let Some((id, row)) = request
            .grant()
            .and_then(|id| Some((id, world.store.grants.get(&id)?)))
        else {
            return answering(outcome);
        };
        let denied = || matches!(request, Request::Check { access_token, .. } if world.store.denied.contains(&(id, access_token)));
        match read {
            ROW if row.ended => return answering(ended(outcome)),
            DENYLIST if denied() => return answering(Outcome::CheckToken(CheckOutcome::Denied)),
            ROW | DENYLIST => {}
            _ if self.parent_ended(world, row, read) => return answering(ended(outcome)),
            _ => {}
        }
        match unread & !read {
            0 => answering(outcome),
            unread => Progress::Comparing { outcome, unread },
        }
    }

    fn parent_ended(&self, world: &World, row: &Grant, read: u8) -> bool {
        parents(row)
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| read == 1 << bit)
            .filter_map(|(_, parent)| parent)
            .any(|(parent, taken)| world.store.epoch(parent) != taken)
            || self.session_ended_wrongly(&world.store, row)
    }

    /// The grant's parents that this scenario can end. The others' epochs never change, so that reading them at any moment finds the same.
    fn readable(&self, world: &World, grant: GrantId) -> u8 {
        let Some(row) = world.store.grants.get(&grant) else {
            return 0;
        };
        parents(row)
            .into_iter()
            .enumerate()
            .filter(|(_, parent)| {
                parent.is_some_and(|(parent, _)| self.scenario.endings.contains(&parent))
            })
            .fold(0, |bits, (bit, _)| bits | 1 << bit)
    }

    fn answer(
        &self,
        world: &mut World,
        racer: &InFlight,
        request: Request,
        outcome: Outcome,
        code: Option<u32>,
    ) {
        if let (Some(code), Some(grant)) = (code, request.grant()) {
            world.witness.codes.insert((grant, code));
        }
        if let Request::End(parent) = request {
            let epoch = world.store.epoch(parent);
            world.witness.ending_answered(parent, epoch);
        }
        let Some(grant) = request.grant() else { return };
        world.witness.answered(grant, racer, outcome, &world.store);
        if matches!(Acceptance::of(outcome), Some(acceptance) if acceptance != Acceptance::Checked)
        {
            world.store.mint_access_token(grant, racer.now);
        }
    }
}

fn answering(outcome: Outcome) -> Progress {
    Progress::Answering {
        outcome,
        code: None,
    }
}

fn remembered(progress: Progress) -> Option<Grant> {
    match progress {
        Progress::Found { remembered } => remembered,
        _ => None,
    }
}

/// The same act's refusal.
fn ended(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::RedeemCode(_) => Outcome::RedeemCode(RedeemOutcome::Ended),
        Outcome::RotateRefreshToken(_) => Outcome::RotateRefreshToken(RotateOutcome::Ended),
        Outcome::CheckToken(_) => Outcome::CheckToken(CheckOutcome::Ended),
        other => other,
    }
}
