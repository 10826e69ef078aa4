//! The log line of each act: who did what to whom, and what came of it. The names of the fields are
//! stable, so that a search in a log of JSON keeps working.
//!
//! | field | what |
//! |---|---|
//! | `act` | what was done, as in `client.update` |
//! | `actor` | who did it, as in `cli:alice`; see [`Actor`](crate::Actor) |
//! | `client_id`, `sub`, `kid`, `grant`, `session`, `resource` | what it was done to |
//! | `outcome` | `done` or `refused` |
//! | `reason` | why it was refused |

use std::fmt::Display;

use crate::Context;

/// What an act was done to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Target<'a> {
    client_id: Option<&'a str>,
    sub: Option<&'a str>,
    kid: Option<&'a str>,
    grant: Option<&'a str>,
    session: Option<&'a str>,
    resource: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(crate) const DEPLOYMENT: Target<'static> = Target {
        client_id: None,
        sub: None,
        kid: None,
        grant: None,
        session: None,
        resource: None,
    };

    pub(crate) fn client(client_id: &'a str) -> Self {
        Self {
            client_id: Some(client_id),
            ..Self::default()
        }
    }

    pub(crate) fn user(sub: &'a str) -> Self {
        Self {
            sub: Some(sub),
            ..Self::default()
        }
    }

    pub(crate) fn key(kid: &'a str) -> Self {
        Self {
            kid: Some(kid),
            ..Self::default()
        }
    }

    pub(crate) fn grant(grant: &'a str) -> Self {
        Self {
            grant: Some(grant),
            ..Self::default()
        }
    }

    pub(crate) fn session(session: &'a str) -> Self {
        Self {
            session: Some(session),
            ..Self::default()
        }
    }

    pub(crate) fn resource(resource: &'a str) -> Self {
        Self {
            resource: Some(resource),
            ..Self::default()
        }
    }

    pub(crate) fn user_at_client(sub: &'a str, client_id: &'a str) -> Self {
        Self {
            sub: Some(sub),
            client_id: Some(client_id),
            ..Self::default()
        }
    }
}

impl Context {
    /// Writes the line of an act.
    pub(crate) fn log<T, E: Display>(
        &self,
        act: &'static str,
        target: Target<'_>,
        result: &Result<T, E>,
    ) {
        let Target {
            client_id,
            sub,
            kid,
            grant,
            session,
            resource,
        } = target;
        let actor = tracing::field::display(&self.actor);
        match result {
            Ok(_) => tracing::info!(
                act,
                actor,
                client_id,
                sub,
                kid,
                grant,
                session,
                resource,
                outcome = "done",
                "management"
            ),
            Err(error) => tracing::info!(
                act,
                actor,
                client_id,
                sub,
                kid,
                grant,
                session,
                resource,
                outcome = "refused",
                reason = %error,
                "management"
            ),
        }
    }
}
