//! Accounts and the table of unique names. An account's status and epoch are its subject's.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::events::{Event, EventKind};
use countersign_store::names::normalise;
use countersign_store::users::{
    CreateUserOutcome, Credential, Names, NewUser, NoName, UpdateDecision, UpdateUser,
    UpdateUserOutcome, User, Users, decide_update, hash_parameters,
};
use rusqlite::{Connection, params};

use super::statements::{SqliteCells, all, exists, one, run};
use super::{Sqlite, events, setup, subjects};
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
        self.read(|connection| user_of(connection, sub))
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

    async fn update_user(
        &self,
        act: &UpdateUser,
        now: i64,
    ) -> Result<UpdateUserOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| update(connection, &act, now))
            .await
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
            let sql = "UPDATE users
                       SET password_hash = ?2, password_parameters = ?3, updated_at = ?4
                       WHERE sub = ?1";
            let parameters = hash_parameters(&password_hash);
            if run(
                connection,
                sql,
                params![sub, password_hash, parameters, now],
            )? == 0
            {
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
            let sql = "UPDATE users SET password_hash = ?3, password_parameters = ?4
                       WHERE sub = ?1 AND password_hash = ?2";
            let parameters = hash_parameters(&new);
            Ok(run(connection, sql, params![sub, old, new, parameters])? == 1)
        })
        .await
    }

    /// Goes from one set to the next by the index, so that it costs as many steps as there are sets
    /// and not as there are accounts.
    async fn password_parameters(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            all(
                connection,
                "password parameters",
                "WITH RECURSIVE sets (parameters) AS (
                     SELECT min(password_parameters) FROM users
                     UNION ALL
                     SELECT (SELECT min(password_parameters) FROM users
                             WHERE password_parameters > sets.parameters)
                     FROM sets WHERE sets.parameters IS NOT NULL
                 )
                 SELECT parameters FROM sets WHERE parameters IS NOT NULL",
                params![],
                |cells| cells.text().map(str::to_owned),
            )
        })
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
    let names = match Names::of(user) {
        Ok(names) => names,
        Err(NoName::Username) => return Ok(CreateUserOutcome::UsernameTaken),
        Err(NoName::Email) => return Ok(CreateUserOutcome::EmailTaken),
    };
    if is_taken(connection, &names.username, &user.sub)? {
        return Ok(CreateUserOutcome::UsernameTaken);
    }
    if let Some(email) = &names.email
        && is_taken(connection, email, &user.sub)?
    {
        return Ok(CreateUserOutcome::EmailTaken);
    }
    let sub_as_name = normalise(&user.sub);
    let is_name = "SELECT 1 FROM names WHERE name = ?1";
    if exists(connection, is_name, params![sub_as_name])?
        || !subjects::create(connection, &user.sub, new.epoch, user.status)?
    {
        return Ok(CreateUserOutcome::SubjectTaken);
    }
    run(
        connection,
        "INSERT INTO users (sub, sub_as_name, username, email, administrator, password_hash,
                            password_parameters, claims, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            user.sub,
            sub_as_name,
            user.username,
            user.email,
            user.administrator,
            new.password_hash,
            new.password_hash.as_deref().map(hash_parameters),
            to_json(&user.claims)?,
            user.created_at,
            user.updated_at,
        ],
    )?;
    claim_names(connection, &names, &user.sub)?;
    if user.administrator {
        setup::void_link(connection)?;
    }
    events::append(
        connection,
        Event::new(EventKind::UserCreated, now).sub(&user.sub),
    )?;
    Ok(CreateUserOutcome::Created)
}

fn update(
    connection: &Connection,
    act: &UpdateUser,
    now: i64,
) -> Result<UpdateUserOutcome, StoreError> {
    let Some(user) = user_of(connection, &act.sub)? else {
        return Ok(UpdateUserOutcome::Unknown);
    };
    let update = match decide_update(&user, act, now) {
        UpdateDecision::Refuse(outcome) => return Ok(outcome),
        UpdateDecision::Keep(user) => return Ok(UpdateUserOutcome::Updated(user)),
        UpdateDecision::Write(update) => update,
    };
    if is_taken(connection, &update.names.username, &act.sub)? {
        return Ok(UpdateUserOutcome::UsernameTaken);
    }
    if let Some(email) = &update.names.email
        && is_taken(connection, email, &act.sub)?
    {
        return Ok(UpdateUserOutcome::EmailTaken);
    }
    let user = &update.user;
    run(
        connection,
        "UPDATE users SET username = ?2, email = ?3, administrator = ?4, claims = ?5, updated_at = ?6
         WHERE sub = ?1",
        params![
            user.sub,
            user.username,
            user.email,
            user.administrator,
            to_json(&user.claims)?,
            user.updated_at,
        ],
    )?;
    run(
        connection,
        "DELETE FROM names WHERE sub = ?1",
        params![user.sub],
    )?;
    claim_names(connection, &update.names, &user.sub)?;
    if user.administrator {
        setup::void_link(connection)?;
    }
    for event in update.events(now) {
        events::append(connection, event)?;
    }
    Ok(UpdateUserOutcome::Updated(update.user))
}

/// Whether a normalised name is the name or the `sub` of another account than `sub`'s.
fn is_taken(connection: &Connection, name: &str, sub: &str) -> Result<bool, StoreError> {
    exists(
        connection,
        "SELECT 1 FROM names WHERE name = ?1 AND sub <> ?2
         UNION ALL SELECT 1 FROM users WHERE sub_as_name = ?1 AND sub <> ?2",
        params![name, sub],
    )
}

fn claim_names(connection: &Connection, names: &Names, sub: &str) -> Result<(), StoreError> {
    for name in names.distinct() {
        run(
            connection,
            "INSERT INTO names (name, sub) VALUES (?1, ?2)",
            params![name, sub],
        )?;
    }
    Ok(())
}

fn user_of(connection: &Connection, sub: &str) -> Result<Option<User>, StoreError> {
    one(
        connection,
        "user",
        "SELECT u.sub, u.username, u.email, u.administrator,
                coalesce(s.status, 'disabled') AS status, u.claims, u.created_at, u.updated_at
         FROM users AS u LEFT JOIN subjects AS s USING (sub) WHERE u.sub = ?1",
        params![sub],
        read,
    )
}

fn read(cells: &mut SqliteCells<'_>) -> Result<User, StoreError> {
    Ok(User {
        sub: cells.at("sub").text()?.to_owned(),
        username: cells.at("username").text()?.to_owned(),
        email: cells.at("email").optional_text()?.map(str::to_owned),
        administrator: cells.at("administrator").boolean()?,
        status: cells.at("status").status()?,
        claims: serde_json::from_str(cells.at("claims").text()?)
            .map_err(|error| cells.corrupt(format!("claims: {error}")))?,
        created_at: cells.at("created_at").integer()?,
        updated_at: cells.at("updated_at").integer()?,
    })
}
