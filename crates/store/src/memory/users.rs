//! Accounts, and the table that has no name twice.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Account, Memory, State};
use crate::events::{Event, EventKind};
use crate::names::normalise;
use crate::setup::{Setup, SetupLinkState, SetupOutcome};
use crate::subjects::Status;
use crate::users::{
    CreateUserOutcome, Credential, Names, NewUser, NoName, UpdateDecision, UpdateUser,
    UpdateUserOutcome, User, Users, decide_update, hash_parameters,
};
use crate::{SecretHash, StoreError};

#[async_trait]
impl Users for Memory {
    async fn create_user(&self, user: &NewUser, now: i64) -> Result<CreateUserOutcome, StoreError> {
        Ok(self.state().create_user(user, now))
    }

    async fn sub_named(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.state().names.get(name).cloned())
    }

    async fn credential(&self, sub: &str) -> Result<Option<Credential>, StoreError> {
        Ok(self.state().users.get(sub).map(|account| Credential {
            sub: sub.to_owned(),
            password_hash: account.password_hash.clone(),
        }))
    }

    async fn user(&self, sub: &str) -> Result<Option<User>, StoreError> {
        Ok(self.state().user(sub))
    }

    async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError> {
        let state = self.state();
        Ok(state.names.get(name).and_then(|sub| state.user(sub)))
    }

    async fn update_user(
        &self,
        act: &UpdateUser,
        now: i64,
    ) -> Result<UpdateUserOutcome, StoreError> {
        Ok(self.state().update_user(act, now))
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let subs = state.users.keys().filter(|sub| sub.as_str() > after);
        let users = subs.filter_map(|sub| state.user(sub));
        Ok(users.take(limit as usize).collect())
    }

    async fn set_password(
        &self,
        sub: &str,
        password_hash: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(account) = state.users.get_mut(sub) else {
            return Ok(false);
        };
        account.password_hash = Some(password_hash.to_owned());
        account.user.updated_at = now;
        state.emit(Event::new(EventKind::PasswordChanged, now).sub(sub));
        Ok(true)
    }

    async fn upgrade_password_hash(
        &self,
        sub: &str,
        old: &str,
        new: &str,
        _now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        match state.users.get_mut(sub) {
            Some(account) if account.password_hash.as_deref() == Some(old) => {
                account.password_hash = Some(new.to_owned());
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn password_parameters(&self) -> Result<Vec<String>, StoreError> {
        let state = self.state();
        let accounts = state.users.values();
        let hashes = accounts.filter_map(|account| account.password_hash.as_deref());
        let parameters: BTreeSet<_> = hashes.map(hash_parameters).collect();
        Ok(parameters.into_iter().map(str::to_owned).collect())
    }

    async fn delete_user(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.users.remove(sub).is_none() {
            return Ok(false);
        }
        state.names.retain(|_, owner| owner != sub);
        state.emit(Event::new(EventKind::UserDeleted, now).sub(sub));
        Ok(true)
    }
}

#[async_trait]
impl Setup for Memory {
    async fn put_setup_link(
        &self,
        link: &SecretHash,
        expires_at: i64,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.has_administrator() {
            return Ok(false);
        }
        state.setup_link = Some((*link, expires_at));
        state.emit(Event::new(EventKind::SetupLinkCreated, now));
        Ok(true)
    }

    async fn setup_link(&self, link: &SecretHash, now: i64) -> Result<SetupLinkState, StoreError> {
        Ok(self.state().setup_link_state(link, now))
    }

    async fn create_administrator(
        &self,
        link: &SecretHash,
        user: &NewUser,
        now: i64,
    ) -> Result<SetupOutcome, StoreError> {
        let mut state = self.state();
        let link_state = state.setup_link_state(link, now);
        if link_state != SetupLinkState::Valid {
            return Ok(SetupOutcome::Refused(link_state));
        }
        let mut user = user.clone();
        user.user.administrator = true;
        Ok(match state.create_user(&user, now) {
            CreateUserOutcome::UsernameTaken => SetupOutcome::UsernameTaken,
            CreateUserOutcome::EmailTaken => SetupOutcome::EmailTaken,
            CreateUserOutcome::SubjectTaken => SetupOutcome::SubjectTaken,
            CreateUserOutcome::Created => {
                let event = Event::new(EventKind::AdministratorCreated, now);
                state.emit(event.sub(&user.user.sub));
                SetupOutcome::Created
            }
        })
    }
}

impl State {
    /// The account, with the status that its subject has.
    fn user(&self, sub: &str) -> Option<User> {
        let account = self.users.get(sub)?;
        let subject = self.subjects.get(sub);
        Some(User {
            status: subject.map_or(Status::Disabled, |subject| subject.status),
            ..account.user.clone()
        })
    }

    fn create_user(&mut self, new: &NewUser, now: i64) -> CreateUserOutcome {
        let user = &new.user;
        let names = match Names::of(user) {
            Ok(names) => names,
            Err(NoName::Username) => return CreateUserOutcome::UsernameTaken,
            Err(NoName::Email) => return CreateUserOutcome::EmailTaken,
        };
        if self.is_taken(&names.username, &user.sub) {
            return CreateUserOutcome::UsernameTaken;
        }
        let email = names.email.as_deref();
        if email.is_some_and(|email| self.is_taken(email, &user.sub)) {
            return CreateUserOutcome::EmailTaken;
        }
        let sub_as_name = normalise(&user.sub);
        let is_name = sub_as_name
            .as_ref()
            .is_some_and(|name| self.names.contains_key(name));
        if is_name || !self.create_subject(&user.sub, new.epoch) {
            return CreateUserOutcome::SubjectTaken;
        }
        self.claim_names(&names, &user.sub);
        let account = Account {
            user: user.clone(),
            sub_as_name,
            password_hash: new.password_hash.clone(),
        };
        self.users.insert(user.sub.clone(), account);
        if user.administrator {
            self.setup_link = None;
        }
        self.emit(Event::new(EventKind::UserCreated, now).sub(&user.sub));
        CreateUserOutcome::Created
    }

    fn update_user(&mut self, act: &UpdateUser, now: i64) -> UpdateUserOutcome {
        let Some(user) = self.user(&act.sub) else {
            return UpdateUserOutcome::Unknown;
        };
        let update = match decide_update(&user, act, now) {
            UpdateDecision::Refuse(outcome) => return outcome,
            UpdateDecision::Keep(user) => return UpdateUserOutcome::Updated(user),
            UpdateDecision::Write(update) => update,
        };
        if self.is_taken(&update.names.username, &act.sub) {
            return UpdateUserOutcome::UsernameTaken;
        }
        let email = update.names.email.as_deref();
        if email.is_some_and(|email| self.is_taken(email, &act.sub)) {
            return UpdateUserOutcome::EmailTaken;
        }
        self.names.retain(|_, owner| *owner != act.sub);
        self.claim_names(&update.names, &act.sub);
        if let Some(account) = self.users.get_mut(&act.sub) {
            account.user = update.user.clone();
        }
        for event in update.events(now) {
            self.emit(event);
        }
        if update.user.administrator {
            self.setup_link = None;
        }
        UpdateUserOutcome::Updated(update.user)
    }

    /// Whether a normalised name is the name or the `sub` of another account than `sub`'s.
    fn is_taken(&self, name: &str, sub: &str) -> bool {
        let is_name = self.names.get(name).is_some_and(|owner| owner != sub);
        let mut others = self.users.iter().filter(|(other, _)| *other != sub);
        is_name || others.any(|(_, account)| account.sub_as_name.as_deref() == Some(name))
    }

    fn claim_names(&mut self, names: &Names, sub: &str) {
        for name in names.distinct() {
            self.names.insert(name.to_owned(), sub.to_owned());
        }
    }

    fn has_administrator(&self) -> bool {
        self.users
            .values()
            .any(|account| account.user.administrator)
    }

    fn setup_link_state(&self, link: &SecretHash, now: i64) -> SetupLinkState {
        if self.has_administrator() {
            return SetupLinkState::AdministratorExists;
        }
        match &self.setup_link {
            Some((hash, _)) if !hash.matches(link) => SetupLinkState::Unknown,
            Some((_, expires_at)) if now >= *expires_at => SetupLinkState::Expired,
            Some(_) => SetupLinkState::Valid,
            None => SetupLinkState::Unknown,
        }
    }
}
