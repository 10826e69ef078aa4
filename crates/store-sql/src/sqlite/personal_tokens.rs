//! Personal tokens, decided by [`countersign_store::personal_tokens`] within the act's savepoint,
//! and the history of their changes.

use async_trait::async_trait;
use countersign_store::acts::Write;
use countersign_store::grants::GrantView;
use countersign_store::personal_tokens::{
    Change, ChangeKind, ChangedBy, CreatePersonalToken, CreatePersonalTokenOutcome, Decided,
    PersonalTokens, RevokePersonalToken, RevokePersonalTokenOutcome, StoredChange,
    UpdatePersonalToken, UpdatePersonalTokenOutcome, WantedChanges, decide_creation,
    decide_revocation, decide_update,
};
use countersign_store::{GrantId, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::statements::{all, run};
use super::{Sqlite, consents, grant_row, grants, next_act};
use crate::rows::Cells;

#[async_trait]
impl PersonalTokens for Sqlite {
    async fn create_personal_token(
        &self,
        act: &CreatePersonalToken,
        now: i64,
    ) -> Result<CreatePersonalTokenOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| {
            let outcome = decide_creation(&tokens_of(connection, &act.grant.sub)?, &act, now);
            if outcome == CreatePersonalTokenOutcome::Created {
                let consent = consents::take_step(connection, &act.grant, &act.consent, now)?;
                write(connection, act.written(consent, next_act(), now))?;
            }
            Ok(outcome)
        })
        .await
    }

    async fn update_personal_token(
        &self,
        act: &UpdatePersonalToken,
        now: i64,
    ) -> Result<UpdatePersonalTokenOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| {
            let tokens = tokens_of(connection, &act.sub)?;
            write(connection, decide_update(&tokens, &act, next_act(), now))
        })
        .await
    }

    async fn revoke_personal_token(
        &self,
        act: &RevokePersonalToken,
        now: i64,
    ) -> Result<RevokePersonalTokenOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| {
            let found = grant_row::view(connection, &act.id)?.map(|view| view.grant);
            write(connection, decide_revocation(found, &act, next_act(), now))
        })
        .await
    }

    async fn personal_tokens_of(&self, sub: &str) -> Result<Vec<GrantView>, StoreError> {
        self.read(|connection| tokens_of(connection, sub))
    }

    async fn personal_token_changes(
        &self,
        wanted: &WantedChanges,
        limit: u32,
    ) -> Result<Vec<StoredChange>, StoreError> {
        let WantedChanges { sub, token, before } = wanted;
        let token = token.as_ref().map(GrantId::as_bytes);
        self.read(|connection| {
            all(
                connection,
                "personal token change",
                "SELECT id, token, sub, kind, at, actor, address, name, scope, expires_at, old_name,
                        old_expires_at, keep_until
                 FROM personal_token_changes
                 WHERE (?1 IS NULL OR sub = ?1) AND (?2 IS NULL OR token = ?2)
                   AND (?3 IS NULL OR id < ?3)
                 ORDER BY id DESC LIMIT ?4",
                params![sub, token, before, limit],
                |cells| read(cells),
            )
        })
    }
}

/// `grants_of` finds the user's grants; the origin of such a token is an object with this one key.
fn tokens_of(connection: &Connection, sub: &str) -> Result<Vec<GrantView>, StoreError> {
    let conditions = r#"WHERE g.sub = ?1 AND g.origin LIKE '{"personal":%' ORDER BY g.id"#;
    grant_row::views(connection, conditions, vec![Value::Text(sub.to_owned())])
}

fn write<O>(connection: &Connection, decided: Decided<O>) -> Result<O, StoreError> {
    let (decision, outcome) = decided.decision.under(None);
    if let Write::Record(change) = &decision
        && let Some(token) = &change.access_token
    {
        // Its end may be another one now.
        run(
            connection,
            "DELETE FROM access_tokens WHERE hash = ?1",
            params![token.hash.as_bytes()],
        )?;
    }
    grants::write(connection, decision)?;
    if let Some(change) = decided.change {
        remember(connection, &change)?;
    }
    Ok(outcome)
}

fn remember(connection: &Connection, change: &Change) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO personal_token_changes (token, sub, kind, at, actor, address, name, scope,
             expires_at, old_name, old_expires_at, keep_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            change.token.as_bytes(),
            change.sub,
            change.kind.as_str(),
            change.at,
            change.by.actor,
            change.by.address,
            change.name,
            change.scope,
            change.expires_at,
            change.old_name,
            change.old_expires_at,
            change.by.keep_until,
        ],
    )
    .map(drop)
}

fn read<'r>(cells: &mut impl Cells<'r>) -> Result<StoredChange, StoreError> {
    let id = cells.at("id").integer()?;
    let token = GrantId::from_bytes(cells.at("token").bytes()?);
    let sub = cells.at("sub").text()?.to_owned();
    let kind = ChangeKind::parse(cells.at("kind").text()?);
    let kind = kind.ok_or_else(|| cells.corrupt("its kind is unknown"))?;
    let text = |text: Option<&str>| text.map(str::to_owned);
    let change = Change {
        token,
        sub,
        kind,
        at: cells.at("at").integer()?,
        by: ChangedBy {
            actor: cells.at("actor").text()?.to_owned(),
            address: text(cells.at("address").optional_text()?),
            keep_until: cells.at("keep_until").integer()?,
        },
        name: cells.at("name").text()?.to_owned(),
        scope: cells.at("scope").text()?.to_owned(),
        expires_at: cells.at("expires_at").integer()?,
        old_name: text(cells.at("old_name").optional_text()?),
        old_expires_at: cells.at("old_expires_at").optional_integer()?,
    };
    Ok(StoredChange { id, change })
}
