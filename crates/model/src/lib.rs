//! The life of a grant, modelled apart from the code that carries it out.
//!
//! A grant owns its code, one family of refresh tokens and its access tokens, and ends with any of
//! its parents: the user, the browser session and its client session (online grants only), the
//! user's consent to the client, the client. The rules are here more than once:
//!
//! - [`state::apply`] is the reference: one pure function that carries out an [act](acts) on a
//!   [`state::State`] and says what it returns. [`mod@history`] generates sequences of acts with
//!   those outcomes; every storage backend replays them and must return the same.
//! - [`mod@interleaving`] takes each request of the protocol apart into the steps between which
//!   another replica may act, and a model checker walks through every order of them. The same with
//!   a known bug, in [`mod@mutants`], must be found out.
//! - [`mod@browser_sessions`] does so for the secrets of a browser's cookie.
//!
//! Left out is the DPoP key that a public client's refresh token is bound to: these acts don't know
//! it.
//!
//! # What is found first
//!
//! The tables are binding for backends: the first row that matches is the outcome, and nothing
//! changes but what the last column names.
//!
//! | `RedeemCode` | outcome | change |
//! |---|---|---|
//! | no such grant, or not the secret of its present code (a replaced one included) | `Unknown` | none |
//! | the code is another client's | `ForeignClient` | none |
//! | the grant's row has ended | `Ended` | none |
//! | the code was used, the proof is right (however old the code is) | `Replayed` | the grant ends |
//! | the code was used, the proof is wrong | `UsedWithWrongProof` | none |
//! | `now >=` the code's end, or the grant's | `Expired` | none |
//! | the proof is wrong | `Invalidated` | the grant ends |
//! | else: a parent's epoch isn't the one that the grant took | `Ended` | the code is used, as in the next row |
//! | else | `Redeemed` | the code is used; refresh token 0; its idle lifetime begins; one access token |
//!
//! | `RotateRefreshToken` | outcome | change |
//! |---|---|---|
//! | no such grant, no redemption yet, or a secret that was never issued | `Unknown` | none |
//! | the token is another client's | `ForeignClient` | none |
//! | the grant's row has ended | `Ended` | none |
//! | an ancestor, or the predecessor at `now >= rotated_at + grace` or without a grace (even if it or the family is too old) | `Reused` | the grant ends |
//! | `now >=` the grant's end or the idle one | `Expired` | none |
//! | the predecessor: a parent's epoch differs / else | `Ended` / `Repeated` | none / one access token |
//! | the current one, rotation off: a parent's epoch differs / else | `Ended` / `Kept` | the idle lifetime starts again; if `Kept`, one access token |
//! | the current one: a parent's epoch differs / else | `Ended` / `Rotated` | the successor is current, `rotated_at = now`, the idle lifetime starts again; if `Rotated`, one access token |
//!
//! With another fault in the request, the last three rows return `Ended` or `Withheld`, and nothing
//! changes.
//!
//! | `CheckToken` | outcome |
//! |---|---|
//! | `now >=` its `exp`, or the grant's end | `Expired` |
//! | no such grant, its row has ended, or a parent's epoch isn't the one that the grant took | `Ended` |
//! | its `jti` is on the denylist | `Denied` |
//! | else | `Active` |
//!
//! | `IssueCode` (the parents are never looked at) | outcome | change |
//! |---|---|---|
//! | no such grant | `Issued` | the grant is written |
//! | it is this client's, its code is unused (even too old) and its row hasn't ended | `Replaced` | new code, new ends, new epochs |
//! | else | `AlreadyUsed` | none |
//!
//! An online grant that is written joins the client session of its browser session and client, or
//! begins it, unless the browser session has another epoch than the one that was taken.
//!
//! `EndGrant`: no such grant, `Unknown`; another client's, `ForeignClient`; else `Ended`, however
//! often. `EndClientSession`: no grant has joined or begun it since its last ending, or its browser
//! session's, `Unknown`; else `Ended`.
//!
//! | `PresentCookie` | outcome |
//! |---|---|
//! | a secret that the session never had | `Unknown` |
//! | the session has ended, its user has, or the user is disabled | `Ended` |
//! | an earlier secret / the present one | `Superseded` / `Live` |
//!
//! `RenewSession`: the session has ended, is another user's, or carries another epoch of the user
//! than the proof, `Unknown`; else the secret is the session's, and the outcome is `Unknown` if the
//! user's epoch is another by now, else `Renewed`.
//!
//! An ending or a disabling of a user or a client whose epoch is already there changes nothing. An
//! ending leaves the status alone. `EnableUser` and `EnableClient` return `ChangedMeanwhile` unless
//! the epoch is still the one that the disabling brought. A disabled parent has ended for every
//! comparison. `DeleteAllCodes` ends each grant whose code is unused, even too old, and whose row
//! hasn't ended, and counts them.
//!
//! **Parents are compared last, after the act on the row, and don't undo it.** The row is one
//! record and the parents may lie elsewhere (another slot, another statement), so an act can't be
//! conditional on them; comparing before the act only would accept what an ending has just ended.
//! The row of a grant whose parent has ended may go on moving, and no one can tell but by
//! `Replayed` or `Reused` in place of `Ended`: both refuse. For the same reason a replay of a code
//! whose parents have ended still returns `Replayed` and ends the row.
//!
//! # How a backend replays a history
//!
//! 1. Start with an empty store, or with ids of its own for each history that doesn't
//!    [need it alone](history::History::needs_the_store_alone). Make [`state::Setup`]'s
//!    users, clients and browser sessions; keep a table from each small id to the real one. Real
//!    instants are `base + step.now`; choose a `base` near the real clock where the store collects
//!    garbage by it. Lifetimes are the setup's.
//! 2. Keep real epochs in a table by (record, [`acts::Epoch`]): number 0 at the setup. The acts on
//!    users and clients name the epoch that they bring; of any other record the next number is
//!    drawn whenever an ending of it was carried out. `IssueCode` names the epochs to write by
//!    these numbers. A consent that the store forgets when it is withdrawn is given again before
//!    its next number is read. No history issues under an ended browser session's second epoch.
//! 3. Keep real secrets in two tables by (grant, number): codes and refresh tokens. A browser
//!    session's nth cookie can be made from its id and n. [`history::Step::made`] says which
//!    numbers a step adds; remember what was passed to the act under them, even if it returned
//!    `Ended`. `Repeated` must give the very secret that has the number `successor`.
//!    `Secret::MadeUp` is the grant's real id and fresh random bits.
//! 4. Access tokens are numbered per grant in the order in which they are returned (`made` says it
//!    again); give each a random `jti` and `exp = now + access_token_seconds`.
//! 5. `Proof::Wrong` is another code_verifier or another redirect_uri; try both.
//! 6. After each step compare the backend's outcome with `step.expected`, and print the history's
//!    name and the step's number if they differ.

pub mod acts;
pub mod browser_sessions;
pub mod grant;
pub mod history;
pub mod interleaving;
pub mod mutants;
mod setup;
pub mod state;
