//! The scripts of our pages. Each goes into its page itself, allowed by its hash: one request less,
//! and nothing else runs. No page needs its script.

use std::sync::LazyLock;

use countersign_jose::{base64url, digest::sha256};

/// A script that a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Submits the page's form at once.
    SubmitForm,
    /// Gives each password field a button that shows what was typed.
    ShowPasswords,
}

impl Script {
    /// The text between the tags.
    pub(super) fn source(self) -> &'static str {
        match self {
            Script::SubmitForm => include_str!("assets/submit.js"),
            Script::ShowPasswords => include_str!("assets/passwords.js"),
        }
    }

    /// `sha256-...`, as a policy names it (CSP Level 3, section 2.3.1: padded base64).
    pub(super) fn hash(self) -> &'static str {
        static SUBMIT_FORM: LazyLock<String> = LazyLock::new(|| hash_of(Script::SubmitForm));
        static SHOW_PASSWORDS: LazyLock<String> = LazyLock::new(|| hash_of(Script::ShowPasswords));
        match self {
            Script::SubmitForm => &SUBMIT_FORM,
            Script::ShowPasswords => &SHOW_PASSWORDS,
        }
    }
}

fn hash_of(script: Script) -> String {
    let hash = base64url::encode(sha256(script.source().as_bytes()));
    format!("sha256-{}=", hash.replace('-', "+").replace('_', "/"))
}
