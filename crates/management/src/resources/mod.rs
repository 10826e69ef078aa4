//! Resources: what access tokens are for (RFC 8707). Resources of the configuration are read-only
//! here. Resources of the store are declared, changed and deleted here while servers run, and
//! servers see a change within a second. The same rules apply to both.
//!
//! | file | what |
//! |---|---|
//! | `operator_resource` | what is said of a resource |
//! | `rules` | what it is held to |
//! | `declared` | all of them, and which are served |

mod declared;
mod error;
mod operator_resource;
mod rules;

use std::collections::BTreeMap;

use countersign_oauth::resource::is_same_resource;
use countersign_store::resources::{ChangeResource, ChangeResourceOutcome};
use countersign_store::{ActId, StoreError};

use crate::Context;
use crate::act::Target;

pub use declared::{DeclaredResource, NotServed, Source, declared};
pub use error::ResourceError;
pub use operator_resource::OperatorResource;
pub use rules::{ResourceFault, ResourceRules, why_no_scope};

/// The resources of a deployment.
pub struct Resources {
    context: Context,
    configured: BTreeMap<String, OperatorResource>,
    rules: ResourceRules,
}

impl Resources {
    /// `configured` are the configuration's.
    #[must_use]
    pub fn new(
        context: Context,
        configured: BTreeMap<String, OperatorResource>,
        rules: ResourceRules,
    ) -> Self {
        Self {
            context,
            configured,
            rules,
        }
    }

    /// All resources, by identifier.
    ///
    /// # Errors
    /// Returns [`ResourceError::Store`].
    pub async fn list(&self) -> Result<Vec<DeclaredResource>, ResourceError> {
        let stored = self.context.store.resources().await?;
        Ok(declared(&self.configured, stored, &self.rules)?)
    }

    /// The resource with that identifier, from the configuration or the store.
    ///
    /// # Errors
    /// Returns [`ResourceError::Unknown`] or [`ResourceError::Store`].
    pub async fn find(&self, identifier: &str) -> Result<DeclaredResource, ResourceError> {
        let mut found = self.list().await?;
        found.retain(|one| is_same_resource(&one.identifier, identifier));
        // If both declare it, the configuration's is returned.
        found.sort_by_key(|one| one.not_served.is_some());
        let first = found.into_iter().next();
        first.ok_or_else(|| ResourceError::Unknown(identifier.to_owned()))
    }

    /// Declares a resource. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`ResourceError::Refused`], [`ResourceError::Taken`], [`ResourceError::Configured`]
    /// or [`ResourceError::Store`].
    pub async fn create(
        &self,
        identifier: &str,
        attributes: &OperatorResource,
        now: i64,
    ) -> Result<DeclaredResource, ResourceError> {
        let result = async {
            self.refuse_configured(identifier)?;
            let act = ChangeResource::Create {
                act: self.act(),
                identifier: identifier.to_owned(),
                attributes: self.checked(identifier, attributes)?,
            };
            self.change(&act, now).await?;
            self.find(identifier).await
        }
        .await;
        let target = Target::resource(identifier);
        self.context.log("resource.create", target, &result);
        result
    }

    /// Changes a resource of the store: `change` modifies its current attributes. `now` is Unix
    /// seconds.
    ///
    /// # Errors
    /// Returns [`ResourceError::Unknown`], [`ResourceError::Configured`],
    /// [`ResourceError::Refused`], [`ResourceError::Contended`] or [`ResourceError::Store`].
    pub async fn update(
        &self,
        identifier: &str,
        change: impl FnOnce(&mut OperatorResource),
        now: i64,
    ) -> Result<DeclaredResource, ResourceError> {
        let result = async {
            let found = self.find(identifier).await?;
            let Source::Store(record) = found.source else {
                return Err(ResourceError::Configured(found.identifier));
            };
            let mut attributes = found.attributes;
            change(&mut attributes);
            let act = ChangeResource::Update {
                act: self.act(),
                attributes: self.checked(&record.identifier, &attributes)?,
                identifier: record.identifier,
                version: record.version,
            };
            self.change(&act, now).await?;
            self.find(identifier).await
        }
        .await;
        let target = Target::resource(identifier);
        self.context.log("resource.update", target, &result);
        result
    }

    /// Deletes a resource of the store. From then on, tokens that are only for it are refused, and
    /// none are issued. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`ResourceError::Unknown`], [`ResourceError::Configured`] or
    /// [`ResourceError::Store`].
    pub async fn delete(&self, identifier: &str, now: i64) -> Result<(), ResourceError> {
        let result = async {
            let identifier = identifier.to_owned();
            let act = ChangeResource::Delete { identifier };
            match self.change(&act, now).await {
                Err(ResourceError::Unknown(unknown)) => {
                    self.refuse_configured(&unknown)?;
                    Err(ResourceError::Unknown(unknown))
                }
                deleted => deleted,
            }
        }
        .await;
        let target = Target::resource(identifier);
        self.context.log("resource.delete", target, &result);
        result
    }

    fn refuse_configured(&self, identifier: &str) -> Result<(), ResourceError> {
        let mut names = self.configured.keys();
        match names.find(|name| is_same_resource(name, identifier)) {
            Some(same) => Err(ResourceError::Configured(same.clone())),
            None => Ok(()),
        }
    }

    /// The attributes in their stored form, if they follow the rules.
    fn checked(
        &self,
        identifier: &str,
        attributes: &OperatorResource,
    ) -> Result<String, ResourceError> {
        let faults = self.rules.faults(identifier, attributes);
        if !faults.is_empty() {
            let identifier = identifier.to_owned();
            return Err(ResourceError::Refused { identifier, faults });
        }
        let written = serde_json::to_string(attributes);
        Ok(written.map_err(|error| StoreError::Refused(error.to_string()))?)
    }

    async fn change(&self, act: &ChangeResource, now: i64) -> Result<(), ResourceError> {
        let identifier = || act.identifier().to_owned();
        match self.context.store.change_resource(act, now).await? {
            ChangeResourceOutcome::Changed => Ok(()),
            ChangeResourceOutcome::Taken { by } => Err(ResourceError::Taken { by }),
            ChangeResourceOutcome::ChangedMeanwhile => Err(ResourceError::Contended(identifier())),
            ChangeResourceOutcome::Unknown => Err(ResourceError::Unknown(identifier())),
        }
    }

    fn act(&self) -> ActId {
        ActId::generate(&*self.context.random)
    }
}
