//! Why a resource was not declared or changed.

use countersign_store::StoreError;

use super::ResourceFault;

/// Why an act on a resource failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    #[error("there is no resource {0:?}")]
    Unknown(String),
    #[error("{by:?} is declared already")]
    Taken { by: String },
    /// It can be changed only in the configuration.
    #[error("the resource {0:?} is declared in the configuration")]
    Configured(String),
    #[error("the resource {identifier:?} is refused: {}", list(.faults))]
    Refused {
        identifier: String,
        faults: Vec<ResourceFault>,
    },
    #[error("the resource {0:?} was changed by someone else at the same time")]
    Contended(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The faults as sentences, without the final full stop.
fn list(faults: &[ResourceFault]) -> String {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    faults.join(" ").trim_end_matches('.').to_owned()
}
