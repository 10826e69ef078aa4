//! Why a command failed: one line that says what to do, and the exit code. The one place that maps
//! errors to codes.

use std::fmt;

use countersign_management::clients::ClientError;
use countersign_management::grants::GrantError;
use countersign_management::initial_access_tokens::InitialAccessTokenError;
use countersign_management::keys::KeyError;
use countersign_management::passwords::PasswordFault;
use countersign_management::personal_tokens::PersonalTokenError;
use countersign_management::resealing::ResealError;
use countersign_management::resources::ResourceError;
use countersign_management::sessions::SessionError;
use countersign_management::users::UserError;
use countersign_store::StoreError;
use countersign_web::instance::InstanceError;
use serde_json::{Value, json};

use super::exit_code::ExitCode;
use super::output;
use crate::configuration::{ConfigurationError, Problem};
use crate::configured_key::ConfiguredKeyError;
use crate::data_directory::DataDirectoryError;
use crate::deployment::OpenError;
use crate::quickstart::QuickstartError;
use crate::serve::ServeError;

/// A command's failure.
#[derive(Debug)]
pub struct Failure {
    pub code: ExitCode,
    pub message: String,
    /// The single faults, where a configuration is wrong.
    pub problems: Vec<Problem>,
}

impl Failure {
    pub fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            problems: Vec::new(),
        }
    }

    /// What was given is refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ExitCode::Refused, message)
    }

    /// What happened, as a sentence, and what to do about it.
    fn advised(code: ExitCode, error: &dyn fmt::Display, advice: &str) -> Self {
        Self::new(code, format!("{error}. {advice}").trim_end())
    }

    /// The same for machines: one object, on standard error as the line is.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = json!({
            "code": self.code as u8,
            "cause": self.code.name(),
            "message": self.message,
            "what_to_do": self.code.what_to_do(),
        });
        if !self.problems.is_empty() {
            let problem = |problem: &Problem| json!({ "place": problem.place, "field": problem.field, "message": problem.message });
            value["problems"] = self.problems.iter().map(problem).collect();
        }
        value
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<ConfigurationError> for Failure {
    fn from(error: ConfigurationError) -> Self {
        Self {
            problems: error.0.clone(),
            ..Self::new(ExitCode::Configuration, error.to_string())
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let advice = match error {
            StoreError::NewerSchema { .. } => " Install the version that wrote it, or a newer one.",
            StoreError::UnreleasedSchema { .. } => " Move it away and start with a new one.",
            StoreError::NewerRecord { .. } => " Run the version that wrote it, or a newer one.",
            StoreError::Unavailable(_) | StoreError::Refused(_) => " See store.url and data_dir.",
            StoreError::Contended => " Try again.",
            StoreError::Corrupt { .. } => "",
        };
        Self::new(code_of_store(&error), format!("{error}.{advice}"))
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            error => Self::new(code_of_open(&error), error.to_string()),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Open(error) => error.into(),
            ServeError::Store(error) => error.into(),
            ServeError::SigningKey(error) => error.into(),
            error => Self::new(code_of_serve(&error), error.to_string()),
        }
    }
}

impl From<QuickstartError> for Failure {
    fn from(error: QuickstartError) -> Self {
        let message = error.to_string();
        match error {
            QuickstartError::Configuration(error) => error.into(),
            QuickstartError::Store(error) | QuickstartError::Serve(ServeError::Store(error)) => {
                error.into()
            }
            QuickstartError::Serve(ServeError::Open(OpenError::Store(error))) => error.into(),
            QuickstartError::Serve(error) => Self::new(code_of_serve(&error), message),
            QuickstartError::Client(error) => error.into(),
            QuickstartError::DemoPortInUse { .. } | QuickstartError::PortInUse { .. } => {
                Self::new(ExitCode::PortInUse, message)
            }
            QuickstartError::RunningAlready { .. } => {
                Self::new(ExitCode::DataDirectoryInUse, message)
            }
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let (code, advice) = match error {
            ClientError::Store(error) => return error.into(),
            ClientError::Unknown(_) => (
                ExitCode::NotFound,
                "`countersign client list` lists all clients.",
            ),
            ClientError::ClientIdTaken(_) => (ExitCode::Conflict, "Choose another one."),
            ClientError::NotSelfRegistered(_) => (ExitCode::Conflict, "There is nothing to do."),
            ClientError::OwnerUnknown(_) => (
                ExitCode::NotFound,
                "`countersign user list` lists all users.",
            ),
            ClientError::ClientIdInvalid(_) => (
                ExitCode::Refused,
                "A client_id is 1 to 255 printable ASCII characters without a colon.",
            ),
            ClientError::Metadata(_) => (ExitCode::Refused, ""),
            ClientError::BuiltIn(_) => (
                ExitCode::Conflict,
                "Personal tokens belong to it. `countersign client disable` ends them all.",
            ),
            ClientError::Sector(_) => (
                ExitCode::Refused,
                "Publish the list first. An address in your own network is allowed only if outbound.allow names it.",
            ),
            ClientError::IsADocument(_) => (
                ExitCode::Refused,
                "To refuse the client from now on, run `countersign client disable`.",
            ),
            ClientError::NotRegistered { .. } => (
                ExitCode::Refused,
                "`countersign client show` lists them as they are registered.",
            ),
            ClientError::NoSecret(_) => (ExitCode::Refused, "There is nothing to rotate."),
            ClientError::InitialAccessTokenRefused => (
                ExitCode::Refused,
                "`countersign registration-token create` makes another one.",
            ),
            ClientError::TooManySecrets { .. } => (
                ExitCode::Conflict,
                "`countersign client secret remove` removes one, `countersign client secret rotate` all others.",
            ),
            ClientError::UnknownSecret { .. } => (
                ExitCode::NotFound,
                "`countersign client secret list` lists them.",
            ),
            ClientError::LastSecret(_) => (
                ExitCode::Conflict,
                "Add another one before, or disable the client.",
            ),
            ClientError::SecretExpired => (ExitCode::Refused, "Choose a later end."),
            ClientError::Contended(_) => (
                ExitCode::Conflict,
                "Check its current state, then try again.",
            ),
        };
        Self::advised(code, &error, advice)
    }
}

impl From<InitialAccessTokenError> for Failure {
    fn from(error: InitialAccessTokenError) -> Self {
        match error {
            InitialAccessTokenError::Store(error) => error.into(),
            InitialAccessTokenError::Unknown(_) => Self::advised(
                ExitCode::NotFound,
                &error,
                "`countersign registration-token list` lists all of them.",
            ),
        }
    }
}

impl From<ResourceError> for Failure {
    fn from(error: ResourceError) -> Self {
        let (code, advice) = match error {
            ResourceError::Store(error) => return error.into(),
            ResourceError::Unknown(_) => (
                ExitCode::NotFound,
                "`countersign resource list` lists all resources.",
            ),
            ResourceError::Taken { .. } => (
                ExitCode::Conflict,
                "`countersign resource update` changes it.",
            ),
            ResourceError::Configured(_) => (
                ExitCode::Conflict,
                "Change it there; `countersign config print` says in which file.",
            ),
            ResourceError::Refused { .. } => (ExitCode::Refused, ""),
            ResourceError::Contended(_) => (
                ExitCode::Conflict,
                "Check its current state, then try again.",
            ),
        };
        Self::advised(code, &error, advice)
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        let (code, advice) = match error {
            UserError::Store(error) => return error.into(),
            UserError::Unknown(_) => (
                ExitCode::NotFound,
                "`countersign user list` lists all users.",
            ),
            UserError::Contended(_) => (
                ExitCode::Conflict,
                "Check its current state, then try again.",
            ),
            UserError::NameTaken(_) => (ExitCode::Conflict, "Choose another one."),
            UserError::Username(_) | UserError::Email(_) | UserError::GivenTwice(_) => {
                (ExitCode::Refused, "")
            }
            UserError::NoEmail => (ExitCode::Refused, "Set one with --email."),
            UserError::Password(PasswordFault::Common | PasswordFault::OwnNames) => (
                ExitCode::Refused,
                "Use a few unrelated words, or let a password manager generate one.",
            ),
            UserError::Password(_) => (ExitCode::Refused, ""),
            UserError::Claim(_) => (ExitCode::Refused, "Correct it, or leave it out."),
            UserError::Hashing(_) => (ExitCode::Internal, ""),
        };
        Self::advised(code, &error, advice)
    }
}

impl From<GrantError> for Failure {
    fn from(error: GrantError) -> Self {
        let (code, advice) = match error {
            GrantError::Store(error) => return error.into(),
            GrantError::Unknown(_) => (
                ExitCode::NotFound,
                "`countersign grant list` lists all grants.",
            ),
            GrantError::AlreadyEnded { .. } => (ExitCode::Conflict, "There is nothing to revoke."),
            GrantError::NothingAllowed(_) => (
                ExitCode::NotFound,
                "`countersign grant list --user` lists what there is.",
            ),
        };
        Self::advised(code, &error, advice)
    }
}

impl From<PersonalTokenError> for Failure {
    fn from(error: PersonalTokenError) -> Self {
        let (code, advice) = match error {
            PersonalTokenError::Store(error) => return error.into(),
            PersonalTokenError::Unknown(_) => (
                ExitCode::NotFound,
                "`countersign token list --user` lists what there is.",
            ),
            PersonalTokenError::UserDisabled => (
                ExitCode::Conflict,
                "`countersign user enable` enables a disabled one.",
            ),
            PersonalTokenError::ClientDisabled(_) => (
                ExitCode::Conflict,
                "`countersign client enable` enables it.",
            ),
            PersonalTokenError::NameTaken(_) => (ExitCode::Conflict, "Choose another one."),
            PersonalTokenError::TooMany { .. } => (
                ExitCode::Conflict,
                "Revoke one, or raise personal_tokens.max_per_user.",
            ),
            PersonalTokenError::Over(_) => (ExitCode::Conflict, "Make another one."),
            PersonalTokenError::Lifetime { .. } => (
                ExitCode::Refused,
                "personal_tokens.max_lifetime_seconds is the limit.",
            ),
            PersonalTokenError::NameInvalid { .. }
            | PersonalTokenError::ScopeEmpty
            | PersonalTokenError::ScopeNotOffered { .. } => (ExitCode::Refused, ""),
        };
        Self::advised(code, &error, advice)
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        let (code, advice) = match error {
            SessionError::Store(error) => return error.into(),
            SessionError::Unknown(_) => (
                ExitCode::NotFound,
                "`countersign session list` lists all sessions.",
            ),
            SessionError::AlreadyEnded(_) => (ExitCode::Conflict, "There is nothing to revoke."),
        };
        Self::advised(code, &error, advice)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let advice = match error {
            KeyError::Store(error) => return error.into(),
            KeyError::PublicDoesNotMatch => "Name the two files of one key pair.",
            KeyError::Present(_) | KeyError::PresentAs { .. } => {
                "`countersign keys list` shows it."
            }
            KeyError::SeveralKeys(_) => "`countersign keys import` imports a set.",
            KeyError::SameAlgorithm(_) => {
                "Import one now, and the other once the first one signs. Or give one of them another alg."
            }
            KeyError::AlgorithmUnknown(_) => "Correct alg, or leave it out of the key.",
            KeyError::Twice(_) => "Leave one of them out.",
            KeyError::Unknown(_) => "`countersign keys list` lists all keys.",
            KeyError::RotationPending { from, .. } => {
                let advice = format!("It signs from {} on.", output::instant(from));
                return Self::advised(code_of_key(&error), &error, &advice);
            }
            KeyError::ChangedMeanwhile(_) => "Look at `countersign keys list` again.",
            KeyError::Published(_) => {
                "`countersign keys list` says until when. To take a compromised key out of use, run `countersign keys revoke`."
            }
            KeyError::Private(_)
            | KeyError::OfSet { .. }
            | KeyError::NoKeys
            | KeyError::Symmetric
            | KeyError::KidUnusable
            | KeyError::Public(_)
            | KeyError::NotMade(_)
            | KeyError::NotOpened { .. } => "",
        };
        Self::advised(code_of_key(&error), &error, advice)
    }
}

impl From<ResealError> for Failure {
    fn from(error: ResealError) -> Self {
        match error {
            ResealError::Store(error) => error.into(),
            ResealError::Key(error) => error.into(),
            ResealError::Contended(_) => Self::advised(ExitCode::Conflict, &error, "Try again."),
            ResealError::ClientSecret { .. } => Self::advised(
                ExitCode::MasterKey,
                &error,
                "Restore the master key that it was sealed with, or give the client a new secret.",
            ),
        }
    }
}

impl From<InstanceError> for Failure {
    fn from(error: InstanceError) -> Self {
        match error {
            InstanceError::Store(error) => error.into(),
            InstanceError::OtherIssuer { .. } => Self::advised(ExitCode::Configuration, &error, ""),
            InstanceError::OtherMasterKey => Self::advised(
                ExitCode::MasterKey,
                &error,
                "Restore the master key that it was sealed with.",
            ),
        }
    }
}

impl From<ConfiguredKeyError> for Failure {
    fn from(error: ConfiguredKeyError) -> Self {
        match error {
            ConfiguredKeyError::Key(KeyError::Store(error)) => error.into(),
            error => Self::new(code_of_configured_key(&error), error.to_string()),
        }
    }
}

fn code_of_serve(error: &ServeError) -> ExitCode {
    match error {
        ServeError::Open(error) => code_of_open(error),
        ServeError::Store(error) => code_of_store(error),
        ServeError::SigningKey(error) => code_of_configured_key(error),
        ServeError::PortInUse { .. } => ExitCode::PortInUse,
        ServeError::CannotListen { .. } => ExitCode::CannotListen,
        ServeError::Pages(_) | ServeError::Outbound(_) | ServeError::Tls(_) => {
            ExitCode::Configuration
        }
        ServeError::Internal(_) => ExitCode::Internal,
    }
}

fn code_of_open(error: &OpenError) -> ExitCode {
    match error {
        OpenError::DataDirectory(error) => code_of_data_directory(error),
        OpenError::Store(error) => code_of_store(error),
        OpenError::OtherMasterKey { .. } | OpenError::OtherSecretKey => ExitCode::MasterKey,
        OpenError::OtherIssuer { .. } | OpenError::Setting(_) | OpenError::MemoryStore => {
            ExitCode::Configuration
        }
    }
}

fn code_of_data_directory(error: &DataDirectoryError) -> ExitCode {
    match error {
        DataDirectoryError::NotWritable { .. }
        | DataDirectoryError::FolderExposed { .. }
        | DataDirectoryError::FolderOfAnotherUser { .. }
        | DataDirectoryError::DatabaseExposed { .. }
        | DataDirectoryError::DatabaseFolderExposed { .. } => ExitCode::DataDirectoryNotWritable,
        DataDirectoryError::DatabaseEmpty { .. } => ExitCode::StoreUnavailable,
        DataDirectoryError::InUse { .. } => ExitCode::DataDirectoryInUse,
        DataDirectoryError::MasterKeyExposed { .. }
        | DataDirectoryError::MasterKeyMalformed { .. }
        | DataDirectoryError::MasterKeyGuessable { .. }
        | DataDirectoryError::MasterKeyNotAFile { .. }
        | DataDirectoryError::MasterKeyMissing { .. }
        | DataDirectoryError::MasterKeyUnreadable { .. } => ExitCode::MasterKey,
    }
}

fn code_of_store(error: &StoreError) -> ExitCode {
    match error {
        StoreError::NewerSchema { .. } | StoreError::NewerRecord { .. } => ExitCode::DatabaseNewer,
        StoreError::Unavailable(_)
        | StoreError::Refused(_)
        | StoreError::Contended
        | StoreError::UnreleasedSchema { .. } => ExitCode::StoreUnavailable,
        StoreError::Corrupt { .. } => ExitCode::Internal,
    }
}

fn code_of_configured_key(error: &ConfiguredKeyError) -> ExitCode {
    match error {
        ConfiguredKeyError::Unreadable { .. } => ExitCode::Refused,
        ConfiguredKeyError::Key(error) => code_of_key(error),
    }
}

fn code_of_key(error: &KeyError) -> ExitCode {
    match error {
        KeyError::Private(_)
        | KeyError::OfSet { .. }
        | KeyError::NoKeys
        | KeyError::SeveralKeys(_)
        | KeyError::Symmetric
        | KeyError::AlgorithmUnknown(_)
        | KeyError::KidUnusable
        | KeyError::Twice(_)
        | KeyError::SameAlgorithm(_)
        | KeyError::Public(_)
        | KeyError::PublicDoesNotMatch => ExitCode::Refused,
        KeyError::Present(_)
        | KeyError::PresentAs { .. }
        | KeyError::RotationPending { .. }
        | KeyError::ChangedMeanwhile(_)
        | KeyError::Published(_) => ExitCode::Conflict,
        KeyError::Unknown(_) => ExitCode::NotFound,
        KeyError::NotMade(_) | KeyError::NotOpened { .. } => ExitCode::Internal,
        KeyError::Store(error) => code_of_store(error),
    }
}

#[cfg(test)]
mod tests;
