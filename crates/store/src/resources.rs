//! Resources that an operator declared in the store: what access tokens are for (RFC 8707). Those
//! of the configuration are not here. They are few, and read together.

use async_trait::async_trait;
use countersign_oauth::resource::is_same_resource;

use crate::events::{Event, EventKind};
use crate::{ActId, StoreError};

/// The format in which this program writes resources. It reads this one and older ones; a newer
/// one is [`StoreError::NewerRecord`].
pub const FORMAT: i64 = 1;

#[async_trait]
pub trait Resources: Send + Sync {
    /// Every resource, by identifier.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn resources(&self) -> Result<Vec<Resource>, StoreError>;

    /// Changes a resource as [`decide_resource`] says, in one act: of two that are the same, one is
    /// declared.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn change_resource(
        &self,
        act: &ChangeResource,
        now: i64,
    ) -> Result<ChangeResourceOutcome, StoreError>;
}

/// A resource as it is kept. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// An absolute URI (RFC 8707, section 2).
    pub identifier: String,
    /// What it says of its tokens, as JSON.
    pub attributes: String,
    /// The act that wrote it last.
    pub version: ActId,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A change of one resource. `act` is a new id.
#[derive(Debug, Clone)]
pub enum ChangeResource {
    Create {
        act: ActId,
        identifier: String,
        attributes: String,
    },
    /// Replaces the attributes of a resource that is still what the change was based on.
    Update {
        act: ActId,
        identifier: String,
        /// Of the resource that was read.
        version: ActId,
        attributes: String,
    },
    Delete {
        identifier: String,
    },
}

impl ChangeResource {
    pub fn identifier(&self) -> &str {
        match self {
            ChangeResource::Create { identifier, .. }
            | ChangeResource::Update { identifier, .. }
            | ChangeResource::Delete { identifier } => identifier,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeResourceOutcome {
    Changed,
    /// Another one is the same resource. Nothing changed.
    Taken {
        by: String,
    },
    /// It has another version now. Nothing changed.
    ChangedMeanwhile,
    Unknown,
}

/// What an act on a resource writes and returns.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourceDecision {
    pub outcome: ChangeResourceOutcome,
    /// Written in place of the one with this identifier.
    pub put: Option<Resource>,
    /// The identifier of the one that is deleted.
    pub delete: Option<String>,
    pub event: Option<Event>,
}

/// Decides an act on a resource, among all that there are. `now` is Unix seconds.
pub fn decide_resource(known: &[Resource], act: &ChangeResource, now: i64) -> ResourceDecision {
    let identifier = act.identifier();
    let same = known
        .iter()
        .find(|resource| is_same_resource(&resource.identifier, identifier));
    match (act, same) {
        (ChangeResource::Create { .. }, Some(same)) => keep(ChangeResourceOutcome::Taken {
            by: same.identifier.clone(),
        }),
        (
            ChangeResource::Create {
                act, attributes, ..
            },
            None,
        ) => {
            let created = Resource {
                identifier: identifier.to_owned(),
                attributes: attributes.clone(),
                version: *act,
                created_at: now,
                updated_at: now,
            };
            put(created, EventKind::ResourceCreated, now)
        }
        (ChangeResource::Update { .. } | ChangeResource::Delete { .. }, None) => {
            keep(ChangeResourceOutcome::Unknown)
        }
        (ChangeResource::Update { version, .. }, Some(same)) if same.version != *version => {
            keep(ChangeResourceOutcome::ChangedMeanwhile)
        }
        (
            ChangeResource::Update {
                act, attributes, ..
            },
            Some(same),
        ) => {
            let updated = Resource {
                attributes: attributes.clone(),
                version: *act,
                updated_at: now,
                ..same.clone()
            };
            put(updated, EventKind::ResourceUpdated, now)
        }
        (ChangeResource::Delete { .. }, Some(same)) => ResourceDecision {
            outcome: ChangeResourceOutcome::Changed,
            put: None,
            delete: Some(same.identifier.clone()),
            event: Some(Event::new(EventKind::ResourceDeleted, now).about(&same.identifier)),
        },
    }
}

fn keep(outcome: ChangeResourceOutcome) -> ResourceDecision {
    ResourceDecision {
        outcome,
        put: None,
        delete: None,
        event: None,
    }
}

fn put(resource: Resource, kind: EventKind, now: i64) -> ResourceDecision {
    ResourceDecision {
        outcome: ChangeResourceOutcome::Changed,
        event: Some(Event::new(kind, now).about(&resource.identifier)),
        put: Some(resource),
        delete: None,
    }
}
