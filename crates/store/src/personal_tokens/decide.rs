//! What the acts on personal tokens decide.

use super::{
    Change, ChangeKind, ChangedBy, CreatePersonalToken, CreatePersonalTokenOutcome,
    RevokePersonalToken, RevokePersonalTokenOutcome, UpdatePersonalToken,
    UpdatePersonalTokenOutcome,
};
use crate::access_tokens::{NewAccessToken, NewHolder};
use crate::acts::Decision;
use crate::events::{Event, EventKind};
use crate::grants::{Grant, GrantView, Origin, PersonalToken, end};
use crate::{ActId, Epoch, SecretHash};

/// A decision about a token, and the change that is recorded with it.
pub struct Decided<O> {
    pub decision: Decision<Grant, O>,
    pub change: Option<Change>,
}

impl<O> Decided<O> {
    fn returns(outcome: O) -> Decided<O> {
        Decided {
            decision: Decision::returns(outcome),
            change: None,
        }
    }
}

/// Whether a user may have another token with this name. `tokens` are all of the user's.
pub fn decide_creation(
    tokens: &[GrantView],
    act: &CreatePersonalToken,
    now: i64,
) -> CreatePersonalTokenOutcome {
    let live = || tokens.iter().filter(|view| is_live(view, now));
    if live().any(|view| is_named(&view.grant, &act.name)) {
        return CreatePersonalTokenOutcome::NameTaken;
    }
    match live().count() >= act.max_per_user as usize {
        true => CreatePersonalTokenOutcome::TooMany,
        false => CreatePersonalTokenOutcome::Created,
    }
}

impl CreatePersonalToken {
    /// The grant with its one token, under the consent that the same act writes.
    pub fn written(&self, consent: Epoch, by: ActId, now: i64) -> Decided<()> {
        let token = PersonalToken {
            name: self.name.clone(),
            token: self.token,
        };
        let keep_until = self.grant.expires_at;
        let grant = self.grant.clone();
        let mut grant = grant.written(Origin::Personal(token), keep_until, by);
        grant.parents.consent = consent;
        let access_token = access_token(&grant, self.token);
        let event = Event::about_grant(EventKind::PersonalTokenCreated, &grant, now);
        let change = change(&grant, &self.name, ChangeKind::Created, &self.by, now);
        let decision = Decision::returns(()).begins(grant).tells(event);
        Decided {
            decision: decision.mints(Some(&access_token)),
            change: Some(change),
        }
    }
}

/// Decides [`super::PersonalTokens::update_personal_token`]. `tokens` are all of the user's,
/// including the one in question.
pub fn decide_update(
    tokens: &[GrantView],
    act: &UpdatePersonalToken,
    by: ActId,
    now: i64,
) -> Decided<UpdatePersonalTokenOutcome> {
    let Some(view) = tokens.iter().find(|view| view.grant.id == act.id) else {
        return Decided::returns(UpdatePersonalTokenOutcome::Unknown);
    };
    let Origin::Personal(token) = &view.grant.origin else {
        return Decided::returns(UpdatePersonalTokenOutcome::Unknown);
    };
    if !is_live(view, now) {
        return Decided::returns(UpdatePersonalTokenOutcome::Over);
    }
    let name = act.name.as_ref().unwrap_or(&token.name);
    let mut others = tokens.iter().filter(|other| other.grant.id != act.id);
    if others.any(|other| is_live(other, now) && is_named(&other.grant, name)) {
        return Decided::returns(UpdatePersonalTokenOutcome::NameTaken);
    }
    let mut grant = view.grant.clone();
    let old_expires_at = grant.expires_at;
    grant.written_by = by;
    grant.expires_at = act.expires_at.unwrap_or(old_expires_at);
    grant.keep_until = grant.keep_until.max(grant.expires_at);
    grant.origin = Origin::Personal(PersonalToken {
        name: name.clone(),
        token: token.token,
    });
    let change = Change {
        old_name: (token.name != *name).then(|| token.name.clone()),
        old_expires_at: (old_expires_at != grant.expires_at).then_some(old_expires_at),
        ..change(&grant, name, ChangeKind::Updated, &act.by, now)
    };
    let event = Event::about_grant(EventKind::PersonalTokenUpdated, &grant, now);
    let outcome = UpdatePersonalTokenOutcome::Updated(Box::new(grant.clone()));
    let access_token = access_token(&grant, token.token);
    // For other grants, these fields never change.
    let decision = Decision::returns(outcome).begins(grant).tells(event);
    Decided {
        decision: decision.mints(Some(&access_token)),
        change: Some(change),
    }
}

/// Decides [`super::PersonalTokens::revoke_personal_token`]. A token that has expired, or whose
/// parents have ended, is revoked all the same, because its name must become free.
pub fn decide_revocation(
    found: Option<Grant>,
    act: &RevokePersonalToken,
    by: ActId,
    now: i64,
) -> Decided<RevokePersonalTokenOutcome> {
    let found = found.filter(|grant| grant.sub == act.sub);
    let Some(grant) = found else {
        return Decided::returns(RevokePersonalTokenOutcome::Unknown);
    };
    let Origin::Personal(token) = &grant.origin else {
        return Decided::returns(RevokePersonalTokenOutcome::Unknown);
    };
    if grant.ended.is_some() {
        return Decided::returns(RevokePersonalTokenOutcome::AlreadyEnded);
    }
    let change = change(&grant, &token.name, ChangeKind::Revoked, &act.by, now);
    let outcome = RevokePersonalTokenOutcome::Revoked(Box::new(grant.clone()));
    Decided {
        decision: end(grant, act.cause, outcome, by, now),
        change: Some(change),
    }
}

/// The token itself. It has all of its grant's scope, and ends with it.
fn access_token(grant: &Grant, hash: SecretHash) -> NewAccessToken {
    NewAccessToken {
        hash,
        id: grant.id,
        holder: NewHolder::Grant,
        scope: None,
        audience: grant.authorization.resources.clone(),
        expires_at: grant.expires_at,
    }
}

fn is_live(view: &GrantView, now: i64) -> bool {
    view.what_ended.is_none() && now < view.grant.expires_at
}

fn is_named(grant: &Grant, name: &str) -> bool {
    matches!(&grant.origin, Origin::Personal(token) if token.name == name)
}

fn change(grant: &Grant, name: &str, kind: ChangeKind, by: &ChangedBy, at: i64) -> Change {
    Change {
        token: grant.id,
        sub: grant.sub.clone(),
        kind,
        at,
        by: by.clone(),
        name: name.to_owned(),
        scope: grant.scope.clone(),
        expires_at: grant.expires_at,
        old_name: None,
        old_expires_at: None,
    }
}
