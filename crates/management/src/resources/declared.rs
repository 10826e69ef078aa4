//! All resources of a deployment, from the configuration and the store, and which of them are
//! served.

use std::collections::BTreeMap;
use std::fmt;

use countersign_oauth::resource::is_same_resource;
use countersign_store::StoreError;
use countersign_store::resources::Resource;

use super::{OperatorResource, ResourceFault, ResourceRules};

/// A declared resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredResource {
    pub identifier: String,
    pub attributes: OperatorResource,
    pub source: Source,
    /// Why it is not served; `None` if it is.
    pub not_served: Option<NotServed>,
}

/// Where a resource is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Can be changed only in the configuration.
    Configuration,
    Store(Resource),
}

impl Source {
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Store(_) => "store",
        }
    }
}

/// Why a resource in the store is not served. The configuration has changed since it was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotServed {
    /// The configuration declares the same resource, which is served instead.
    ConfiguredAs(String),
    Faults(Vec<ResourceFault>),
}

impl fmt::Display for NotServed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConfiguredAs(configured) => {
                write!(
                    formatter,
                    "the configuration declares {configured}, which takes precedence."
                )
            }
            Self::Faults(faults) => {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                formatter.write_str(&faults.join(" "))
            }
        }
    }
}

/// All resources, by identifier. Those of the configuration take precedence over those of the
/// store. A resource of the store that the configuration does not allow is not served.
///
/// # Errors
/// Returns [`StoreError::Corrupt`] if the store holds a resource that can't be read.
pub fn declared(
    configured: &BTreeMap<String, OperatorResource>,
    stored: Vec<Resource>,
    rules: &ResourceRules,
) -> Result<Vec<DeclaredResource>, StoreError> {
    let of_configuration =
        |(identifier, attributes): (&String, &OperatorResource)| DeclaredResource {
            identifier: identifier.clone(),
            attributes: attributes.clone(),
            source: Source::Configuration,
            not_served: None,
        };
    let mut all: Vec<DeclaredResource> = configured.iter().map(of_configuration).collect();
    for resource in stored {
        let attributes = attributes_of(&resource)?;
        all.push(DeclaredResource {
            not_served: not_served(configured, &resource.identifier, &attributes, rules),
            identifier: resource.identifier.clone(),
            attributes,
            source: Source::Store(resource),
        });
    }
    all.sort_by(|one, other| one.identifier.cmp(&other.identifier));
    Ok(all)
}

fn not_served(
    configured: &BTreeMap<String, OperatorResource>,
    identifier: &str,
    attributes: &OperatorResource,
    rules: &ResourceRules,
) -> Option<NotServed> {
    let mut names = configured.keys();
    if let Some(same) = names.find(|name| is_same_resource(name, identifier)) {
        return Some(NotServed::ConfiguredAs(same.clone()));
    }
    let faults = rules.faults(identifier, attributes);
    (!faults.is_empty()).then_some(NotServed::Faults(faults))
}

fn attributes_of(resource: &Resource) -> Result<OperatorResource, StoreError> {
    serde_json::from_str(&resource.attributes)
        .map_err(|error| StoreError::corrupt("resource", &resource.identifier, error))
}
