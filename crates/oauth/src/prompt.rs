//! `prompt`: what the user must be shown again ([OpenID Connect Core, section 3.1.2.1]). A set of
//! words, of which `none` excludes the others.
//!
//! `create` is of Initiating User Registration via OpenID Connect, section 4.
//!
//! [OpenID Connect Core, section 3.1.2.1]: https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Show no page at all: return what is known, or an error.
    pub none: bool,
    /// Authenticate again.
    pub login: bool,
    /// Ask for consent, even if it was given before.
    pub consent: bool,
    /// Let the user choose an account.
    pub select_account: bool,
    /// Offer to create an account, where people can.
    #[serde(default)]
    pub create: bool,
}

impl Prompt {
    /// Reads the parameter; one that was not sent is the empty set.
    ///
    /// # Errors
    /// Returns a [`PromptFault`].
    pub fn parse(sent: Option<&str>) -> Result<Self, PromptFault> {
        let mut prompt = Self::default();
        for word in sent
            .unwrap_or_default()
            .split(' ')
            .filter(|word| !word.is_empty())
        {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                "create" => prompt.create = true,
                _ => return Err(PromptFault::UnknownValue),
            }
        }
        let shows_a_page = prompt.login || prompt.consent || prompt.select_account || prompt.create;
        if prompt.none && shows_a_page {
            return Err(PromptFault::NoneWithOthers);
        }
        Ok(prompt)
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The words of the set, in the specification's order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        [
            (self.none, "none"),
            (self.login, "login"),
            (self.consent, "consent"),
            (self.select_account, "select_account"),
            (self.create, "create"),
        ]
        .into_iter()
        .filter_map(|(set, word)| set.then_some(word))
    }
}

/// Why a `prompt` was refused. Both are `invalid_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptFault {
    #[error("prompt=none was sent together with another value")]
    NoneWithOthers,
    #[error("prompt contains a value other than none, login, consent, select_account and create")]
    UnknownValue,
}

impl PromptFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoneWithOthers => "prompt_none_with_others",
            Self::UnknownValue => "prompt_unknown_value",
        }
    }
}
