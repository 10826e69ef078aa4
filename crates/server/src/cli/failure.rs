//! Why a command failed: one line that says what to do, and the exit code. The one place that maps errors to codes.

use std::fmt;

use countersign_store::StoreError;

use super::exit_code::ExitCode;
use crate::configuration::ConfigurationError;
use crate::data_directory::DataDirectoryError;
use crate::deployment::OpenError;
use crate::serve::ServeError;

/// A command's failure.
#[derive(Debug)]
pub struct Failure {
    pub code: ExitCode,
    pub message: String,
}

impl Failure {
    pub fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// What was given is refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ExitCode::Refused, message)
    }

    /// There is no such thing.
    pub fn not_found(what: &str, name: &str) -> Self {
        Self::new(ExitCode::NotFound, format!("there is no {what} {name:?}."))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<ConfigurationError> for Failure {
    fn from(error: ConfigurationError) -> Self {
        Self::new(ExitCode::Configuration, error.to_string())
    }
}

impl From<DataDirectoryError> for Failure {
    fn from(error: DataDirectoryError) -> Self {
        let code = match error {
            DataDirectoryError::NotWritable { .. }
            | DataDirectoryError::FolderExposed { .. }
            | DataDirectoryError::FolderOfAnotherUser { .. }
            | DataDirectoryError::DatabaseExposed { .. } => ExitCode::DataDirectoryNotWritable,
            DataDirectoryError::InUse { .. } => ExitCode::DataDirectoryInUse,
            DataDirectoryError::MasterKeyExposed { .. }
            | DataDirectoryError::MasterKeyMalformed { .. }
            | DataDirectoryError::MasterKeyUnreadable { .. } => ExitCode::MasterKey,
        };
        Self::new(code, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NewerSchema { .. } => {
                let message =
                    format!("{error}. Install the version that wrote it, or a newer one.");
                Self::new(ExitCode::DatabaseNewer, message)
            }
            StoreError::Unavailable(_) | StoreError::Refused(_) => Self::new(
                ExitCode::StoreUnavailable,
                format!("{error}. See store.url and data_dir."),
            ),
            StoreError::Corrupt { .. } => Self::new(ExitCode::Internal, format!("{error}.")),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::DataDirectory(error) => error.into(),
            OpenError::Store(error) => error.into(),
            OpenError::OtherMasterKey => Self::new(ExitCode::MasterKey, error.to_string()),
            OpenError::OtherIssuer { .. }
            | OpenError::StoreLocation(_)
            | OpenError::MemoryStore => Self::new(ExitCode::Configuration, error.to_string()),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let code = match error {
            ServeError::Open(error) => return error.into(),
            ServeError::Store(error) => return error.into(),
            ServeError::SigningKey(error) => return error.into(),
            ServeError::PortInUse { .. } => ExitCode::PortInUse,
            ServeError::CannotListen { .. } => ExitCode::CannotListen,
            ServeError::Pages(_) => ExitCode::Configuration,
            ServeError::Internal(_) => ExitCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}
