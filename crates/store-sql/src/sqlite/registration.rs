//! Clients that registered themselves, and the tokens that let them.

use async_trait::async_trait;
use countersign_store::events::{Event, EventKind};
use countersign_store::registration::{
    InitialAccessToken, RegisterClient, RegisterOutcome, Registration, Registrations,
};
use countersign_store::{SecretHash, StoreError};
use rusqlite::{Connection, params};

use super::statements::{all, one, run};
use super::{Sqlite, clients, events};
use crate::rows::Cells;

#[async_trait]
impl Registrations for Sqlite {
    async fn register_client(
        &self,
        act: &RegisterClient,
        now: i64,
    ) -> Result<RegisterOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| register(connection, &act, now))
            .await
    }

    async fn registration(&self, client_id: &str) -> Result<Option<Registration>, StoreError> {
        self.read(|connection| {
            one(
                connection,
                "registration",
                "SELECT client_id, token_hash, predecessor_hash, vouched FROM registrations WHERE client_id = ?1",
                params![client_id],
                |cells| {
                    Ok(Registration {
                        token: SecretHash::from_bytes(cells.at("token_hash").bytes()?),
                        predecessor: cells
                            .at("predecessor_hash")
                            .optional_bytes()?
                            .map(SecretHash::from_bytes),
                        vouched: cells.at("vouched").boolean()?,
                    })
                },
            )
        })
    }

    async fn rotate_registration_token(
        &self,
        client_id: &str,
        presented: &SecretHash,
        next: &SecretHash,
    ) -> Result<bool, StoreError> {
        let (client_id, presented, next) = (client_id.to_owned(), *presented, *next);
        self.act(move |connection| {
            let sql = "UPDATE registrations SET token_hash = ?3, predecessor_hash = ?2
                       WHERE client_id = ?1 AND ?2 IN (token_hash, predecessor_hash)";
            let params = params![client_id, presented.as_bytes(), next.as_bytes()];
            Ok(run(connection, sql, params)? == 1)
        })
        .await
    }

    async fn settle_registration_token(
        &self,
        client_id: &str,
        presented: &SecretHash,
    ) -> Result<(), StoreError> {
        let (client_id, presented) = (client_id.to_owned(), *presented);
        self.act(move |connection| {
            let sql = "UPDATE registrations SET predecessor_hash = NULL
                       WHERE client_id = ?1 AND token_hash = ?2";
            run(connection, sql, params![client_id, presented.as_bytes()]).map(drop)
        })
        .await
    }

    async fn set_vouched(&self, client_id: &str, vouched: bool) -> Result<bool, StoreError> {
        let client_id = client_id.to_owned();
        self.act(move |connection| {
            let sql = "UPDATE registrations SET vouched = ?2 WHERE client_id = ?1";
            Ok(run(connection, sql, params![client_id, vouched])? == 1)
        })
        .await
    }

    async fn create_initial_access_token(
        &self,
        token: &InitialAccessToken,
        now: i64,
    ) -> Result<(), StoreError> {
        let token = token.clone();
        self.act(move |connection| {
            run(
                connection,
                "INSERT INTO initial_access_tokens
                     (id, hash, note, expires_at, uses_left, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    token.id,
                    token.hash.as_bytes(),
                    token.note,
                    token.expires_at,
                    token.uses_left,
                    token.created_at,
                ],
            )?;
            let event = Event::new(EventKind::InitialAccessTokenCreated, now);
            events::append(connection, event.about(&token.id))
        })
        .await
    }

    async fn initial_access_tokens(&self) -> Result<Vec<InitialAccessToken>, StoreError> {
        self.read(|connection| {
            all(
                connection,
                "initial access token",
                "SELECT id, hash, note, expires_at, uses_left, created_at
                 FROM initial_access_tokens ORDER BY id",
                params![],
                |cells| {
                    Ok(InitialAccessToken {
                        id: cells.at("id").text()?.to_owned(),
                        hash: SecretHash::from_bytes(cells.at("hash").bytes()?),
                        note: cells.at("note").optional_text()?.map(str::to_owned),
                        expires_at: cells.at("expires_at").optional_integer()?,
                        uses_left: cells.at("uses_left").optional_integer()?,
                        created_at: cells.at("created_at").integer()?,
                    })
                },
            )
        })
    }

    async fn delete_initial_access_token(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.act(move |connection| {
            let sql = "DELETE FROM initial_access_tokens WHERE id = ?1";
            if run(connection, sql, params![id])? == 0 {
                return Ok(false);
            }
            let event = Event::new(EventKind::InitialAccessTokenDeleted, now);
            events::append(connection, event.about(&id))?;
            Ok(true)
        })
        .await
    }
}

/// The token is used by one conditional statement; where the id is taken, the act is undone.
fn register(
    connection: &Connection,
    act: &RegisterClient,
    now: i64,
) -> Result<RegisterOutcome, StoreError> {
    if clients::is_taken(connection, &act.client.client_id)? {
        return Ok(RegisterOutcome::ClientIdTaken);
    }
    if let Some(presented) = &act.initial_access_token {
        let used = run(
            connection,
            "UPDATE initial_access_tokens SET uses_left = uses_left - 1
             WHERE hash = ?1 AND (expires_at IS NULL OR ?2 < expires_at)
               AND (uses_left IS NULL OR uses_left > 0)",
            params![presented.as_bytes(), now],
        )?;
        if used == 0 {
            return Ok(RegisterOutcome::TokenRefused);
        }
    }
    clients::create(connection, &act.client)?;
    run(
        connection,
        "INSERT INTO registrations (client_id, token_hash, vouched) VALUES (?1, ?2, ?3)",
        params![
            act.client.client_id,
            act.registration.token.as_bytes(),
            act.registration.vouched,
        ],
    )?;
    Ok(RegisterOutcome::Registered)
}
