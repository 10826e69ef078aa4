//! Changing an account. An update names the fields that it changes and leaves the others, so that
//! two updates of different fields both take effect, whatever their order.

use serde_json::{Map, Value};

use super::User;
use crate::events::{Event, EventKind};
use crate::names::normalise;

/// The claim that says whether the account's address was verified (OpenID Connect Core 1.0,
/// section 5.1).
pub const EMAIL_VERIFIED: &str = "email_verified";

/// What to change of an account. What is `None`, or is not named, stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateUser {
    pub sub: String,
    pub username: Option<String>,
    /// Another address is not verified, unless [`UpdateUser::email_verified`] says so.
    pub email: Option<Replacement<String>>,
    pub email_verified: Option<EmailVerified>,
    pub administrator: Option<bool>,
    /// Claims by their names. The others of the account stay.
    pub claims: Vec<(String, Replacement<Value>)>,
}

/// What comes instead of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replacement<T> {
    Set(T),
    Remove,
}

/// Whether an address was verified. It names the address, so that nothing is said of one that came
/// in its place meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailVerified {
    pub email: String,
    pub is_verified: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum UpdateUserOutcome {
    /// The account as it is now.
    Updated(User),
    /// The username is another account's name or `sub`, or no account can have it.
    UsernameTaken,
    /// The address is another account's name or `sub`, or no account can have it.
    EmailTaken,
    /// The account has another address than the one that was said to be verified or not.
    EmailIsAnother,
    /// There is no such account.
    Unknown,
}

/// An update, as far as it depends on the account alone.
#[derive(Debug, Clone, PartialEq)]
pub enum UpdateDecision {
    /// Return this. Nothing changes.
    Refuse(UpdateUserOutcome),
    /// Nothing is different: write nothing, and return the account as it is.
    Keep(User),
    /// Claim the names, then write the account.
    Write(Update),
}

/// An account to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub user: User,
    pub names: Names,
    /// What [`User::administrator`] became, if it changed.
    pub administrator: Option<bool>,
}

impl Update {
    /// What the act tells the outbox.
    pub fn events(&self, now: i64) -> impl Iterator<Item = Event> + '_ {
        let administrator = self.administrator.map(|is_one| match is_one {
            true => EventKind::AdministratorGranted,
            false => EventKind::AdministratorWithdrawn,
        });
        let kinds = std::iter::once(EventKind::UserUpdated).chain(administrator);
        kinds.map(move |kind| Event::new(kind, now).sub(&self.user.sub))
    }
}

/// The names of an account as the table of unique names has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    pub username: String,
    pub email: Option<String>,
}

impl Names {
    /// The names of an account, or which of them no account can have.
    ///
    /// # Errors
    /// Returns a [`NoName`].
    pub fn of(user: &User) -> Result<Names, NoName> {
        let username = normalise(&user.username).ok_or(NoName::Username)?;
        let email = match &user.email {
            Some(email) => Some(normalise(email).ok_or(NoName::Email)?),
            None => None,
        };
        Ok(Names { username, email })
    }

    /// Each name once.
    pub fn distinct(&self) -> impl Iterator<Item = &str> {
        let email = self.email.as_deref();
        let email = email.filter(|email| *email != self.username);
        std::iter::once(self.username.as_str()).chain(email)
    }
}

/// The name that no account can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoName {
    Username,
    Email,
}

/// What an update makes of an account as read. Whether its names are free is for the engine to say:
/// none may be another account's name or `sub`.
pub fn decide_update(user: &User, act: &UpdateUser, now: i64) -> UpdateDecision {
    let mut next = user.clone();
    if let Some(username) = &act.username {
        next.username.clone_from(username);
    }
    match &act.email {
        Some(Replacement::Set(email)) => next.email = Some(email.clone()),
        Some(Replacement::Remove) => next.email = None,
        None => {}
    }
    if next.email != user.email {
        next.claims.remove(EMAIL_VERIFIED);
    }
    for (name, value) in &act.claims {
        replace_claim(&mut next.claims, name, value);
    }
    if let Some(EmailVerified { email, is_verified }) = &act.email_verified {
        if next.email.as_ref() != Some(email) {
            return UpdateDecision::Refuse(UpdateUserOutcome::EmailIsAnother);
        }
        let value = Value::Bool(*is_verified);
        next.claims.insert(EMAIL_VERIFIED.to_owned(), value);
    }
    next.administrator = act.administrator.unwrap_or(user.administrator);
    if next == *user {
        return UpdateDecision::Keep(next);
    }
    let names = match Names::of(&next) {
        Ok(names) => names,
        Err(NoName::Username) => return UpdateDecision::Refuse(UpdateUserOutcome::UsernameTaken),
        Err(NoName::Email) => return UpdateDecision::Refuse(UpdateUserOutcome::EmailTaken),
    };
    next.updated_at = now;
    let became = next.administrator != user.administrator;
    UpdateDecision::Write(Update {
        administrator: became.then_some(next.administrator),
        user: next,
        names,
    })
}

fn replace_claim(claims: &mut Map<String, Value>, name: &str, value: &Replacement<Value>) {
    match value {
        Replacement::Set(value) => {
            claims.insert(name.to_owned(), value.clone());
        }
        Replacement::Remove => {
            claims.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::subjects::Status;

    fn alice() -> User {
        let claims = json!({"email_verified": true, "name": "Alice", "level": 3});
        User {
            sub: "alices-sub".to_owned(),
            username: "alice".to_owned(),
            email: Some("alice@example.org".to_owned()),
            administrator: false,
            status: Status::Active,
            claims: claims.as_object().cloned().unwrap_or_default(),
            created_at: 1,
            updated_at: 1,
        }
    }

    fn updated(act: UpdateUser) -> User {
        match decide_update(&alice(), &act, 2) {
            UpdateDecision::Write(update) => update.user,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_update_changes_what_it_names_and_nothing_else() {
        let user = updated(UpdateUser {
            username: Some("Alicia".to_owned()),
            claims: vec![
                ("level".to_owned(), Replacement::Remove),
                ("nickname".to_owned(), Replacement::Set(json!("Al"))),
            ],
            ..UpdateUser::default()
        });
        let claims = json!({"email_verified": true, "name": "Alice", "nickname": "Al"});
        let expected = User {
            username: "Alicia".to_owned(),
            claims: claims.as_object().cloned().unwrap_or_default(),
            updated_at: 2,
            ..alice()
        };
        assert_eq!(user, expected);
    }

    #[test]
    fn another_address_is_not_verified_unless_the_update_says_so() {
        let other = "alice@elsewhere.example".to_owned();
        let mut act = UpdateUser {
            email: Some(Replacement::Set(other.clone())),
            ..UpdateUser::default()
        };
        assert_eq!(updated(act.clone()).claims.get(EMAIL_VERIFIED), None);
        act.email_verified = Some(EmailVerified {
            email: other,
            is_verified: true,
        });
        let verified = updated(act).claims.get(EMAIL_VERIFIED).cloned();
        assert_eq!(verified, Some(json!(true)));
    }

    #[test]
    fn nothing_is_said_of_an_address_that_is_not_the_accounts() {
        let act = UpdateUser {
            email_verified: Some(EmailVerified {
                email: "alice@elsewhere.example".to_owned(),
                is_verified: true,
            }),
            ..UpdateUser::default()
        };
        let refused = UpdateDecision::Refuse(UpdateUserOutcome::EmailIsAnother);
        assert_eq!(decide_update(&alice(), &act, 2), refused);
    }

    #[test]
    fn an_update_to_what_is_there_already_writes_nothing() {
        let act = UpdateUser {
            username: Some("alice".to_owned()),
            administrator: Some(false),
            claims: vec![("level".to_owned(), Replacement::Set(json!(3)))],
            ..UpdateUser::default()
        };
        assert_eq!(
            decide_update(&alice(), &act, 2),
            UpdateDecision::Keep(alice())
        );
    }
}
