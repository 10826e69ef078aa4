//! The users to whom clients belong. An owner is only a note for the operator: a client continues
//! to work when its owner is disabled or deleted, and the lists say so.

use std::collections::HashMap;

use clap::Args;
use countersign_store::StoreError;
use countersign_store::clients::Client;
use countersign_store::users::{Replacement, User};
use serde_json::{Value, json};

use super::console::Console;
use super::failure::Failure;
use super::user;
use crate::deployment::Deployment;

/// The owner of a new client.
#[derive(Debug, Args)]
pub struct OwnerFlag {
    /// The user to whom the client belongs, by username, email address or sub. The client
    /// continues to work if that user is disabled or deleted.
    #[arg(long, value_name = "USER", allow_hyphen_values = true)]
    owner: Option<String>,
}

/// The new owner of a client.
#[derive(Debug, Args)]
pub struct OwnerChange {
    #[command(flatten)]
    owner: OwnerFlag,
    /// Remove the owner.
    #[arg(long, conflicts_with = "owner")]
    no_owner: bool,
}

/// Which clients are listed.
#[derive(Debug, Args)]
pub struct ListedOwners {
    /// List only the clients of this user, by username, email address or sub. For a deleted user,
    /// use the sub.
    #[arg(long, value_name = "USER", allow_hyphen_values = true)]
    owner: Option<String>,
    /// List only clients whose owner is disabled or was deleted.
    #[arg(long, conflicts_with = "owner")]
    orphaned: bool,
}

impl OwnerFlag {
    /// The `sub` of the user who was named.
    pub async fn sub(
        &self,
        console: &Console<'_>,
        deployment: &Deployment,
    ) -> Result<Option<String>, Failure> {
        match &self.owner {
            Some(name) => {
                let user = user::users(console, deployment)?.find(name).await?;
                Ok(Some(user.sub))
            }
            None => Ok(None),
        }
    }
}

impl OwnerChange {
    /// The change of the owner, if one was asked for.
    pub async fn read(
        &self,
        console: &Console<'_>,
        deployment: &Deployment,
    ) -> Result<Option<Replacement<String>>, Failure> {
        if self.no_owner {
            return Ok(Some(Replacement::Remove));
        }
        let sub = self.owner.sub(console, deployment).await?;
        Ok(sub.map(Replacement::Set))
    }
}

impl ListedOwners {
    /// Keeps only the clients that were asked for.
    pub async fn filter(
        &self,
        clients: &mut Vec<Client>,
        owners: &Owners,
        deployment: &Deployment,
        console: &Console<'_>,
    ) -> Result<(), Failure> {
        if let Some(name) = &self.owner {
            // A user who was deleted has no account to find, but clients may name their sub.
            let is_sub = |client: &Client| client.owner.as_ref() == Some(name);
            let sub = match clients.iter().any(is_sub) {
                true => name.clone(),
                false => user::users(console, deployment)?.find(name).await?.sub,
            };
            clients.retain(|client| client.owner.as_deref() == Some(&sub));
        }
        if self.orphaned {
            clients.retain(|client| {
                let owner = client.owner.as_deref();
                owner.is_some_and(|sub| owners.status(sub) != ACTIVE)
            });
        }
        Ok(())
    }
}

/// The accounts of owners, by `sub`. A deleted owner has none.
pub struct Owners(HashMap<String, User>);

const ACTIVE: &str = "active";

impl Owners {
    /// The owners of these clients.
    pub async fn of(deployment: &Deployment, clients: &[Client]) -> Result<Owners, StoreError> {
        let mut accounts = HashMap::new();
        for sub in clients.iter().filter_map(|client| client.owner.as_ref()) {
            if accounts.contains_key(sub) {
                continue;
            }
            if let Some(user) = deployment.store.user(sub).await? {
                accounts.insert(sub.clone(), user);
            }
        }
        Ok(Owners(accounts))
    }

    /// The owner as JSON.
    pub fn as_json(&self, client: &Client) -> Option<Value> {
        let sub = client.owner.as_deref()?;
        Some(json!({
            "sub": sub,
            "username": self.0.get(sub).map(|user| &user.username),
            "status": self.status(sub),
        }))
    }

    /// The owner as one line of text.
    pub fn text(&self, client: &Client) -> String {
        let Some(sub) = client.owner.as_deref() else {
            return String::new();
        };
        let name = self.0.get(sub).map_or(sub, |user| &user.username);
        match self.status(sub) {
            ACTIVE => name.to_owned(),
            status => format!("{name} ({status})"),
        }
    }

    fn status(&self, sub: &str) -> &'static str {
        self.0
            .get(sub)
            .map_or("deleted", |user| user.status.as_str())
    }
}
