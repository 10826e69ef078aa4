//! Accounts and the table of unique names. An account's status and epoch are its subject's.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::events::{Event, EventKind};
use countersign_store::names::normalise;
use countersign_store::users::{CreateUserOutcome, Credential, NewUser, User, Users};
use rusqlite::{Connection, params};

use super::statements::{SqliteCells, all, exists, one, run};
use super::{Sqlite, events, subjects};
use crate::rows::{Cells, to_json};

#[async_trait]
impl Users for Sqlite {
    async fn create_user(&self, user: &NewUser, now: i64) -> Result<CreateUserOutcome, StoreError> {
        let user = user.clone();
        self.act(move |connection| create(connection, &user, now))
            .await
    }

    async fn sub_named(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            one(
                connection,
                "name",
                "SELECT sub FROM names WHERE name = ?1",
                params![name],
                |cells| cells.text().map(str::to_owned),
            )
        })
    }

    async fn credential(&self, sub: &str) -> Result<Option<Credential>, StoreError> {
        self.read(|connection| {
            one(
                connection,
                "user",
                "SELECT sub, password_hash FROM users WHERE sub = ?1",
                params![sub],
                |cells| {
                    Ok(Credential {
                        sub: cells.text()?.to_owned(),
                        password_hash: cells.optional_text()?.map(str::to_owned),
                    })
                },
            )
        })
    }

    async fn user(&self, sub: &str) -> Result<Option<User>, StoreError> {
        self.read(|connection| {
            one(
                connection,
                "user",
                "SELECT u.sub, u.username, u.email, u.administrator,
                        coalesce(s.status, 'disabled') AS status, u.claims,
                        u.created_at, u.updated_at
                 FROM users AS u LEFT JOIN subjects AS s USING (sub) WHERE u.sub = ?1",
                params![sub],
                read,
            )
        })
    }

    async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError> {
        self.read(|connection| {
            one(
                connection,
                "user",
                "SELECT u.sub, u.username, u.email, u.administrator,
                        coalesce(s.status, 'disabled') AS status, u.claims,
                        u.created_at, u.updated_at
                 FROM names AS n JOIN users AS u USING (sub) LEFT JOIN subjects AS s USING (sub)
                 WHERE n.name = ?1",
                params![name],
                read,
            )
        })
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, StoreError> {
        self.read(|connection| {
            all(
                connection,
                "user",
                "SELECT u.sub, u.username, u.email, u.administrator,
                        coalesce(s.status, 'disabled') AS status, u.claims,
                        u.created_at, u.updated_at
                 FROM users AS u LEFT JOIN subjects AS s USING (sub)
                 WHERE u.sub > ?1 ORDER BY u.sub LIMIT ?2",
                params![after, limit],
                read,
            )
        })
    }

    async fn set_password(
        &self,
        sub: &str,
        password_hash: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (sub, password_hash) = (sub.to_owned(), password_hash.to_owned());
        self.act(move |connection| {
            let sql = "UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE sub = ?1";
            if run(connection, sql, params![sub, password_hash, now])? == 0 {
                return Ok(false);
            }
            events::append(
                connection,
                Event::new(EventKind::PasswordChanged, now).sub(&sub),
            )?;
            Ok(true)
        })
        .await
    }

    async fn upgrade_password_hash(
        &self,
        sub: &str,
        old: &str,
        new: &str,
        _now: i64,
    ) -> Result<bool, StoreError> {
        let (sub, old, new) = (sub.to_owned(), old.to_owned(), new.to_owned());
        self.act(move |connection| {
            let sql = "UPDATE users SET password_hash = ?3 WHERE sub = ?1 AND password_hash = ?2";
            Ok(run(connection, sql, params![sub, old, new])? == 1)
        })
        .await
    }

    async fn delete_user(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        let sub = sub.to_owned();
        self.act(move |connection| {
            // The names go with the account (ON DELETE CASCADE).
            if run(connection, "DELETE FROM users WHERE sub = ?1", params![sub])? == 0 {
                return Ok(false);
            }
            events::append(
                connection,
                Event::new(EventKind::UserDeleted, now).sub(&sub),
            )?;
            Ok(true)
        })
        .await
    }
}

/// Nothing is written before everything is known to be free.
pub(super) fn create(
    connection: &Connection,
    new: &NewUser,
    now: i64,
) -> Result<CreateUserOutcome, StoreError> {
    let user = &new.user;
    let is_taken = |name: &str| exists(connection, "SELECT 1 FROM names WHERE name = ?1", [name]);
    let Some(username) = normalise(&user.username) else {
        return Ok(CreateUserOutcome::UsernameTaken); // nobody can have it
    };
    if is_taken(&username)? {
        return Ok(CreateUserOutcome::UsernameTaken);
    }
    let email = user.email.as_deref().and_then(normalise);
    if let Some(email) = &email
        && is_taken(email)?
    {
        return Ok(CreateUserOutcome::EmailTaken);
    }
    if !subjects::create(connection, &user.sub, new.epoch, user.status)? {
        return Ok(CreateUserOutcome::SubjectTaken);
    }
    run(
        connection,
        "INSERT INTO users (sub, username, email, administrator, password_hash, claims,
                            created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            user.sub,
            user.username,
            user.email,
            user.administrator,
            new.password_hash,
            to_json(&user.claims)?,
            user.created_at,
            user.updated_at,
        ],
    )?;
    let name = "INSERT INTO names (name, sub) VALUES (?1, ?2)";
    run(connection, name, params![username, user.sub])?;
    if let Some(email) = email.filter(|email| *email != username) {
        run(connection, name, params![email, user.sub])?;
    }
    events::append(
        connection,
        Event::new(EventKind::UserCreated, now).sub(&user.sub),
    )?;
    Ok(CreateUserOutcome::Created)
}

fn read(cells: &mut SqliteCells<'_>) -> Result<User, StoreError> {
    Ok(User {
        sub: cells.text()?.to_owned(),
        username: cells.text()?.to_owned(),
        email: cells.optional_text()?.map(str::to_owned),
        administrator: cells.boolean()?,
        status: cells.status()?,
        claims: serde_json::from_str(cells.text()?)
            .map_err(|error| cells.corrupt(format!("claims: {error}")))?,
        created_at: cells.integer()?,
        updated_at: cells.integer()?,
    })
}
