//! Why quickstart can't start, in the names of its flags: it has no file whose settings a user
//! would know.

use std::fmt;
use std::path::PathBuf;

use countersign_management::clients::ClientError;
use countersign_store::StoreError;

use crate::configuration::ConfigurationError;
use crate::serve::ServeError;
use crate::wording::Wording;

/// Why it can't start. Each says what to do, in the names of the flags.
#[derive(Debug)]
pub enum QuickstartError {
    Configuration(ConfigurationError),
    DemoPortInUse {
        port: u16,
    },
    PortInUse {
        port: u16,
    },
    RunningAlready {
        data_dir: PathBuf,
        issuer: Option<String>,
    },
    Serve(ServeError),
    Client(ClientError),
    Store(StoreError),
}

impl fmt::Display for QuickstartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(error) => error.fmt(formatter),
            Self::DemoPortInUse { port } => write!(
                formatter,
                "port {port}, which the demo application needs, is in use by another program. Choose another one with --demo-port."
            ),
            Self::PortInUse { port } => write!(
                formatter,
                "port {port} is in use by another program. Stop that program, or choose another port with --port together with another --data-dir."
            ),
            Self::RunningAlready { data_dir, issuer } => {
                write!(
                    formatter,
                    "a server is already running in {}",
                    data_dir.display()
                )?;
                if let Some(issuer) = issuer {
                    write!(formatter, ", at {issuer}")?;
                }
                formatter.write_str(". Use that server or stop it. To run a second one, choose another folder with --data-dir and other ports with --port and --demo-port.")
            }
            Self::Serve(error) => formatter.write_str(&error.message(Wording::QuickstartFlags)),
            Self::Client(error) => error.fmt(formatter),
            Self::Store(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for QuickstartError {}

impl From<ConfigurationError> for QuickstartError {
    fn from(error: ConfigurationError) -> Self {
        Self::Configuration(error)
    }
}

impl From<ServeError> for QuickstartError {
    fn from(error: ServeError) -> Self {
        Self::Serve(error)
    }
}

impl From<ClientError> for QuickstartError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<StoreError> for QuickstartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
