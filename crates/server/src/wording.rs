//! What a setting is called where a message says to change it: quickstart has flags and no file.

/// The names in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// The names of the configuration file.
    Settings,
    /// The flags of quickstart.
    QuickstartFlags,
}

impl Wording {
    /// The setting `data_dir`.
    #[must_use]
    pub fn data_dir(self) -> &'static str {
        match self {
            Self::Settings => "data_dir",
            Self::QuickstartFlags => "--data-dir",
        }
    }

    /// The setting `listen`.
    #[must_use]
    pub fn listen(self) -> &'static str {
        match self {
            Self::Settings => "listen",
            Self::QuickstartFlags => "--port",
        }
    }

    /// What the environment calls `keys.secret_key`.
    #[must_use]
    pub fn secret_key(self) -> &'static str {
        match self {
            Self::Settings => {
                "in the environment COUNTERSIGN_KEYS__SECRET_KEY, or SECRET_KEY next to your own configuration file"
            }
            // Quickstart looks at no name of an earlier system.
            Self::QuickstartFlags => "in the environment COUNTERSIGN_KEYS__SECRET_KEY",
        }
    }
}
