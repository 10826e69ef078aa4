//! The model's tables and acts: each act one conditional statement, or two in one transaction.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::writer::{self, Writer};
use crate::Result;
use crate::journeys::{ACCOUNTS, username};

pub(super) struct Database {
    writer: Writer,
    reader: Mutex<Connection>,
}

pub(super) struct Code {
    pub hash: [u8; 32],
    pub sub: String,
    pub scope: String,
    pub nonce: String,
    pub challenge: String,
    pub expires_at: i64,
}

pub(super) struct Redeem {
    pub code: [u8; 32],
    pub challenge: String,
    pub refresh_expires_at: i64,
}

/// What is handed out.
pub(super) struct Issue {
    pub refresh: [u8; 32],
    pub access: [u8; 32],
    pub access_expires_at: i64,
    pub now: i64,
}

/// Whose tokens to sign.
pub(super) struct Owner {
    pub sub: String,
    pub scope: String,
    pub nonce: Option<String>,
}

const SCHEMA: &str = "
    CREATE TABLE users (sub TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, claims TEXT NOT NULL)
        STRICT, WITHOUT ROWID;
    CREATE TABLE sessions (hash BLOB PRIMARY KEY, sub TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE codes (hash BLOB PRIMARY KEY, sub TEXT NOT NULL, scope TEXT NOT NULL,
        nonce TEXT NOT NULL, challenge TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0,
        expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE refresh (hash BLOB PRIMARY KEY, sub TEXT NOT NULL, scope TEXT NOT NULL,
        expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE tokens (hash BLOB PRIMARY KEY, sub TEXT, expires_at INTEGER NOT NULL)
        STRICT, WITHOUT ROWID;";

impl Database {
    pub(super) fn open(path: &Path) -> Result<Database> {
        let connection = writer::open(path)?;
        connection.execute_batch(SCHEMA)?;
        connection.execute_batch("BEGIN")?;
        for number in 0..ACCOUNTS {
            let (sub, name) = (format!("subject-{number}"), username(number));
            let claims = format!(
                r#"{{"sub":"{sub}","name":"Person {number}","given_name":"Person","email":"{name}@example.org","email_verified":true}}"#
            );
            connection.execute(
                "INSERT INTO users (sub, name, claims) VALUES (?1, ?2, ?3)",
                params![sub, name, claims],
            )?;
        }
        connection.execute_batch("COMMIT")?;
        Ok(Database {
            writer: Writer::start(path)?,
            reader: Mutex::new(connection),
        })
    }

    pub(super) fn sub_of(&self, name: &str) -> rusqlite::Result<Option<String>> {
        self.read("SELECT sub FROM users WHERE name = ?1", name)
    }

    /// The claims that an access token lets out.
    pub(super) fn claims_of(&self, token: &[u8; 32], now: i64) -> rusqlite::Result<Option<String>> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = "SELECT u.claims FROM tokens AS t JOIN users AS u ON u.sub = t.sub
                   WHERE t.hash = ?1 AND t.expires_at > ?2";
        let mut statement = reader.prepare_cached(sql)?;
        let claims = statement.query_row(params![token, now], |row| row.get(0));
        claims.optional()
    }

    pub(super) fn sub_of_session(&self, hash: &[u8; 32]) -> rusqlite::Result<Option<String>> {
        self.read("SELECT sub FROM sessions WHERE hash = ?1", hash)
    }

    fn read(&self, sql: &str, key: impl rusqlite::ToSql) -> rusqlite::Result<Option<String>> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = reader.prepare_cached(sql)?;
        statement.query_row([key], |row| row.get(0)).optional()
    }

    /// Starts a session, and issues a code in the same act if there is one.
    pub(super) async fn start_session(
        &self,
        hash: [u8; 32],
        sub: String,
        code: Option<Code>,
    ) -> bool {
        let act = move |connection: &Connection| {
            connection
                .prepare_cached("INSERT INTO sessions (hash, sub) VALUES (?1, ?2)")?
                .execute(params![hash, sub])?;
            code.map_or(Ok(()), |code| insert_code(connection, &code))
        };
        self.writer.act(act).await.is_some()
    }

    pub(super) async fn issue_code(&self, code: Code) -> bool {
        let act = move |connection: &Connection| insert_code(connection, &code);
        self.writer.act(act).await.is_some()
    }

    pub(super) async fn redeem(&self, redeem: Redeem, issue: Issue) -> Option<Owner> {
        let act = move |connection: &Connection| {
            let owner = connection
                .prepare_cached(
                    "UPDATE codes SET used = 1
                     WHERE hash = ?1 AND used = 0 AND challenge = ?2 AND expires_at > ?3
                     RETURNING sub, scope, nonce",
                )?
                .query_row(params![redeem.code, redeem.challenge, issue.now], |row| {
                    Ok(Owner {
                        sub: row.get(0)?,
                        scope: row.get(1)?,
                        nonce: row.get(2)?,
                    })
                })
                .optional()?;
            if let Some(owner) = &owner {
                let sql = "INSERT INTO refresh (hash, sub, scope, expires_at)
                           VALUES (?1, ?2, ?3, ?4)";
                connection.prepare_cached(sql)?.execute(params![
                    issue.refresh,
                    owner.sub,
                    owner.scope,
                    redeem.refresh_expires_at
                ])?;
                insert_token(connection, &issue, &owner.sub)?;
            }
            Ok(owner)
        };
        self.writer.act(act).await.flatten()
    }

    pub(super) async fn rotate(&self, presented: [u8; 32], issue: Issue) -> Option<Owner> {
        let act = move |connection: &Connection| {
            let owner = connection
                .prepare_cached(
                    "UPDATE refresh SET hash = ?2 WHERE hash = ?1 AND expires_at > ?3
                     RETURNING sub, scope",
                )?
                .query_row(params![presented, issue.refresh, issue.now], |row| {
                    Ok(Owner {
                        sub: row.get(0)?,
                        scope: row.get(1)?,
                        nonce: None,
                    })
                })
                .optional()?;
            if let Some(owner) = &owner {
                insert_token(connection, &issue, &owner.sub)?;
            }
            Ok(owner)
        };
        self.writer.act(act).await.flatten()
    }

    pub(super) async fn insert_token(&self, hash: [u8; 32], expires_at: i64) -> bool {
        let act = move |connection: &Connection| {
            connection
                .prepare_cached("INSERT INTO tokens (hash, expires_at) VALUES (?1, ?2)")?
                .execute(params![hash, expires_at])
        };
        self.writer.act(act).await.is_some()
    }
}

fn insert_code(connection: &Connection, code: &Code) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO codes (hash, sub, scope, nonce, challenge, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            code.hash,
            code.sub,
            code.scope,
            code.nonce,
            code.challenge,
            code.expires_at
        ])
        .map(drop)
}

fn insert_token(connection: &Connection, issue: &Issue, sub: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO tokens (hash, sub, expires_at) VALUES (?1, ?2, ?3)")?
        .execute(params![issue.access, sub, issue.access_expires_at])
        .map(drop)
}
