//! Lists of grants and sessions. `grants_of` and `browser_sessions_of` are their indices, each
//! ordered as the pages are.

use async_trait::async_trait;
use countersign_store::grants::GrantView;
use countersign_store::listing::{Listing, WantedGrants};
use countersign_store::sessions::SessionView;
use countersign_store::standing::{Standing, Status};
use countersign_store::{Epoch, GrantId, SessionId, StoreError};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::statements::all;
use super::{Sqlite, grant_row};
use crate::rows::Cells;
use crate::rows::session::{self, session_columns};

#[async_trait]
impl Listing for Sqlite {
    async fn list_grants(
        &self,
        wanted: &WantedGrants,
        after: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<GrantView>, StoreError> {
        let session = wanted.browser_session.as_ref().map(SessionId::as_bytes);
        let conditions = Conditions::default()
            .equal("g.sub", wanted.sub.clone().map(Value::Text))
            .equal("g.client_id", wanted.client_id.clone().map(Value::Text))
            .equal(
                "g.browser_session",
                session.map(|id| Value::Blob(id.to_vec())),
            )
            .behind("g.id", after.map(GrantId::as_bytes));
        self.read(|connection| {
            let text = conditions.text(limit);
            grant_row::views(connection, &text, conditions.values)
        })
    }

    async fn list_sessions(
        &self,
        sub: Option<&str>,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionView>, StoreError> {
        let conditions = Conditions::default()
            .equal("b.sub", sub.map(|sub| Value::Text(sub.to_owned())))
            .behind("b.id", after.map(SessionId::as_bytes));
        let columns = session_columns!();
        let sql = format!(
            "SELECT {columns}, s.epoch AS current_epoch, s.status
             FROM browser_sessions AS b LEFT JOIN subjects AS s ON s.sub = b.sub {}",
            conditions.text(limit)
        );
        self.read(|connection| {
            let values = params_from_iter(conditions.values);
            all(connection, "browser session", &sql, values, |cells| {
                let session = session::read(cells)?;
                let epoch = cells.at("current_epoch").optional_bytes()?;
                let status = cells.at("status").optional_text()?.and_then(Status::parse);
                let user_lives = epoch.zip(status).is_some_and(|(epoch, status)| {
                    let epoch = Epoch::from_bytes(epoch);
                    Standing { epoch, status }.accepts(&session.user_epoch)
                });
                Ok(SessionView {
                    session,
                    user_lives,
                })
            })
        })
    }
}

/// What a page is of. Each condition that does not matter is left out of the statement, so that the
/// index of the others is used.
#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
    ordered_by: &'static str,
}

impl Conditions {
    fn equal(mut self, column: &str, value: Option<Value>) -> Conditions {
        if let Some(value) = value {
            self.values.push(value);
            self.texts
                .push(format!("{column} = ?{}", self.values.len()));
        }
        self
    }

    fn behind(mut self, id: &'static str, after: Option<&[u8; 16]>) -> Conditions {
        self.ordered_by = id;
        if let Some(after) = after {
            self.values.push(Value::Blob(after.to_vec()));
            self.texts.push(format!("{id} > ?{}", self.values.len()));
        }
        self
    }

    /// All that comes behind the tables.
    fn text(&self, limit: u32) -> String {
        let conditions = match self.texts.as_slice() {
            [] => String::new(),
            texts => format!("WHERE {}", texts.join(" AND ")),
        };
        format!("{conditions} ORDER BY {} LIMIT {limit}", self.ordered_by)
    }
}
