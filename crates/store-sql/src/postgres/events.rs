//! The outbox's rows, as an act writes them.

use countersign_store::StoreError;
use countersign_store::events::Event;

use super::Postgres;

/// An event as its columns hold it; six NULLs if an act writes none.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) kind: Option<&'static str>,
    pub(super) at: Option<i64>,
    pub(super) sub: Option<&'a str>,
    pub(super) client_id: Option<&'a str>,
    pub(super) about: Option<&'a str>,
    pub(super) cause: Option<&'static str>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(event: Option<&'a Event>) -> Columns<'a> {
        let Some(event) = event else {
            return Columns::default();
        };
        Columns {
            kind: Some(event.kind.as_str()),
            at: Some(event.at),
            sub: event.sub.as_deref(),
            client_id: event.client_id.as_deref(),
            about: event.about.as_deref(),
            cause: event.cause,
        }
    }
}

/// Writes an event that is not part of a record's commit.
pub(super) async fn append(store: &Postgres, event: &Event) -> Result<(), StoreError> {
    let row = Columns::of(Some(event));
    store
        .run(
            "INSERT INTO events (kind, at, sub, client_id, about, cause)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &row.kind,
                &row.at,
                &row.sub,
                &row.client_id,
                &row.about,
                &row.cause,
            ],
        )
        .await
        .map(drop)
}
