//! What quickstart says once everything runs.

use std::fmt;
use std::path::PathBuf;

use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Where everything is, and the first step.
pub struct Welcome {
    pub issuer: String,
    pub demo: String,
    pub data_dir: PathBuf,
    /// `None` if there is already an administrator.
    pub setup_link: Option<Zeroizing<String>>,
    pub setup_link_lifetime_seconds: u32,
    /// What prints another one.
    pub setup_link_command: String,
}

impl Welcome {
    /// The same for machines.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "demo": self.demo,
            "data_dir": self.data_dir,
            "setup_link": self.setup_link.as_ref().map(|link| link.as_str()),
            "expires_in": self.setup_link.as_ref().map(|_| self.setup_link_lifetime_seconds),
        })
    }
}

impl fmt::Display for Welcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nCountersign is running.\n")?;
        writeln!(f, "  Provider          {}", self.issuer)?;
        writeln!(f, "  Demo application  {}", self.demo)?;
        writeln!(f, "  Data              {}\n", self.data_dir.display())?;
        match &self.setup_link {
            Some(link) => {
                let minutes = self.setup_link_lifetime_seconds / 60;
                writeln!(
                    f,
                    "First make yourself the administrator. Open this link within {minutes} minutes; it works once:\n"
                )?;
                writeln!(f, "  {}\n", link.as_str())?;
                writeln!(f, "`{}` prints another one.", self.setup_link_command)?;
                writeln!(f, "Then open the demo application and sign in.")?;
            }
            None => writeln!(f, "Open the demo application and sign in.")?,
        }
        writeln!(
            f,
            "Ctrl-C stops everything. The data stays for the next start."
        )
    }
}
