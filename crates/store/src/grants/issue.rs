//! Issuing a code, or tokens in its place: the end of an authorization (RFC 6749, section 4.1.2;
//! OpenID Connect Core, sections 3.2 and 3.3).
//!
//! The act is about three records. The parents are written first and the grant last, so that an act
//! that stops midway leaves nothing that a token could belong to.

use super::{Grant, NewGrant, Origin, Parents, Voucher};
use crate::access_tokens::NewAccessToken;
use crate::acts::{Act, Decision};
use crate::consents::ConsentStep;
use crate::events::{Event, EventKind};
use crate::grants::CodeRequest;
use crate::sessions::JoinSession;
use crate::{ActId, ClientSessionId, Epoch, GrantId, SecretHash};

/// Issue a code.
#[derive(Debug, Clone)]
pub struct IssueCode {
    /// For an online grant the `sid` and its epoch are proposals: an existing client session of
    /// the browser session is joined instead.
    pub grant: NewGrant,
    /// `None` if the response carries all that the client gets.
    pub code: Option<NewCode>,
    /// What the response carries beside the code or in its place.
    pub in_response: Option<TokensInResponse>,
    /// The second until which a form that is still open may name the grant's id. The record is
    /// kept as long, so that such a form does not issue a grant again that has ended.
    pub form_until: i64,
    /// What happens to the user's consent to the client in the same act.
    pub consent: ConsentStep,
    /// The browser session that the authorization took place in, and the proposal for its client
    /// session. Present for offline grants too, which have a `sid` without belonging to it.
    pub joins: JoinSession,
}

/// A code that is not used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    pub hash: SecretHash,
    /// Refused from this second on.
    pub expires_at: i64,
    pub request: CodeRequest,
}

/// Tokens that are in the authorization response itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokensInResponse {
    /// The access token's row, if there is a token that needs one.
    pub access_token: Option<NewAccessToken>,
    /// The end of the last of them, in Unix seconds. The record is kept as long.
    pub expire_at: i64,
}

/// The parents of a grant as the act's first steps found or made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined {
    pub sid: ClientSessionId,
    pub client_session_epoch: Epoch,
    pub consent_epoch: Epoch,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueOutcome {
    /// The grant is written. `sid` is the client session's, new or joined.
    Issued { sid: ClientSessionId },
    /// The same authorization was finished before: its code was unused and is void now, or there
    /// was none and the same tokens are issued again.
    Replaced { sid: ClientSessionId },
    /// The same authorization was finished before and its code was used or its grant has ended, or
    /// the id is another client's. Nothing changed.
    AlreadyUsed,
}

impl IssueCode {
    /// Whether this act may put its grant instead of `existing`: that has an unused code, it has
    /// not ended, and it is the same client's. Tokens that went out with its response name the
    /// grant, so then it also stays the same user's, says the same, and has the same parents: none
    /// of them comes to life again, or to speak of someone else.
    pub fn may_replace(&self, existing: &Grant) -> bool {
        if existing.client_id != self.grant.client_id || existing.ended.is_some() {
            return false;
        }
        match (&existing.origin, &self.code) {
            (Origin::Implicit, None) => self.says_the_same(existing),
            (Origin::Code { request, .. }, Some(_)) if request.with_tokens => {
                existing.has_unused_code() && self.says_the_same(existing)
            }
            _ => existing.has_unused_code(),
        }
    }

    fn says_the_same(&self, existing: &Grant) -> bool {
        let new = &self.grant;
        let (told, tells) = (&existing.authorization, &new.authorization);
        let session = |parents: &Parents| {
            let session = parents.session.as_ref();
            session.map(|session| (session.browser_session, session.browser_session_epoch))
        };
        (&existing.sub, &existing.scope) == (&new.sub, &new.scope)
            && (&told.resources, &told.claims) == (&tells.resources, &tells.claims)
            && existing.parents.user == new.parents.user
            && existing.parents.client == new.parents.client
            && session(&existing.parents) == session(&new.parents)
    }

    /// Until when the grant's record is needed even if nothing is redeemed.
    fn keep_until(&self) -> i64 {
        let code = self.code.as_ref().map(|code| code.expires_at);
        let tokens = self.in_response.as_ref().map(|tokens| tokens.expire_at);
        let ends = [code, tokens].into_iter().flatten();
        ends.fold(self.form_until, i64::max)
    }
}

/// What [`super::Grants::issue_code`] does to the grant's record, once its parents are joined:
/// writes it if there is none, replaces it where [`IssueCode::may_replace`] says so. Parents are
/// not compared: an ending that came between is seen at redemption, because the grant carries the
/// epochs that its caller has read.
pub fn decide_issue(
    found: Option<Grant>,
    act: &IssueCode,
    joined: &Joined,
    by: ActId,
    now: i64,
) -> Decision<Grant, IssueOutcome> {
    let sid = joined.sid;
    let mut keep_until = act.keep_until();
    let outcome = match found {
        None => IssueOutcome::Issued { sid },
        Some(existing) if act.may_replace(&existing) && !ends_tokens(&existing, joined) => {
            keep_until = keep_until.max(existing.keep_until);
            IssueOutcome::Replaced { sid }
        }
        Some(_) => return Decision::returns(IssueOutcome::AlreadyUsed),
    };
    let origin = match &act.code {
        None => Origin::Implicit,
        Some(code) => Origin::Code {
            code: Voucher {
                hash: code.hash,
                expires_at: code.expires_at,
                used: None,
            },
            request: code.request.clone(),
        },
    };
    let mut grant = act.grant.clone().written(origin, keep_until, by);
    grant.parents.consent = joined.consent_epoch;
    grant.authorization.sid = Some(sid);
    if let Some(session) = &mut grant.parents.session {
        session.sid = sid;
        session.client_session_epoch = joined.client_session_epoch;
    }
    let event = Event::about_grant(EventKind::CodeIssued, &grant, now);
    let tokens = act.in_response.as_ref();
    Decision::returns(outcome)
        .begins(grant)
        .mints(tokens.and_then(|tokens| tokens.access_token.as_ref()))
        .tells(event)
}

/// Whether a parent of tokens that are out there has ended: a new one may not bring them back.
fn ends_tokens(existing: &Grant, joined: &Joined) -> bool {
    let has_tokens_out = match &existing.origin {
        Origin::Implicit => true,
        Origin::Code { request, .. } => request.with_tokens,
        _ => false,
    };
    let session = existing.parents.session.as_ref();
    let other_session = session.is_some_and(|session| {
        (session.sid, session.client_session_epoch) != (joined.sid, joined.client_session_epoch)
    });
    has_tokens_out && (existing.parents.consent != joined.consent_epoch || other_session)
}

/// [`IssueCode`] under the parents that its first steps have joined.
pub(super) struct IssueUnder<'a> {
    pub act: &'a IssueCode,
    pub joined: Joined,
}

impl Act for IssueUnder<'_> {
    type Record = Grant;
    type Outcome = IssueOutcome;

    fn key(&self) -> &GrantId {
        &self.act.grant.id
    }

    fn decide(&self, found: Option<Grant>, by: ActId, now: i64) -> Decision<Grant, IssueOutcome> {
        decide_issue(found, self.act, &self.joined, by, now)
    }

    /// The code's hash is the act's own. A grant without a code is written by nothing else.
    fn is_in(&self, record: &Grant, by: ActId) -> bool {
        match (&self.act.code, record.origin.voucher()) {
            (Some(own), Some(code)) => code.hash.matches(&own.hash),
            _ => record.written_by == by,
        }
    }
}
