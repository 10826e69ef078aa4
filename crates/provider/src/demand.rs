//! What a destination demands of the sign-in before it: as far as it speaks OpenID Connect, the
//! parameters of OpenID Connect Core, section 3.1.2.1.

use countersign_oauth::acr::RequestedAcr;
use countersign_oauth::prompt::Prompt;
use serde::{Deserialize, Serialize};

use crate::subjects::{NamedSubject, Subjects};

/// The demands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Demand {
    #[serde(default)]
    pub prompt: Prompt,
    /// How long ago the user may have proved who they are, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
    /// What the name field of the sign-in page contains at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// Whom the id_token_hint names, or a value of the claim `sub`: no one else may sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hinted_sub: Option<NamedSubject>,
    /// How sure it has to be who signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<RequestedAcr>,
    /// The languages of the pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
}

/// How long ago a recent sign-in may have been.
pub const RECENT_SECONDS: i64 = 600;

impl Demand {
    /// Nothing but a signed-in user.
    pub const ANY_USER: Demand = Demand {
        prompt: Prompt {
            none: false,
            login: false,
            consent: false,
            select_account: false,
            create: false,
        },
        max_age: None,
        login_hint: None,
        hinted_sub: None,
        acr: None,
        ui_locales: None,
    };

    /// A user who has proved who they are within ten minutes.
    pub const RECENT_SIGN_IN: Demand = Demand {
        max_age: Some(RECENT_SECONDS),
        ..Demand::ANY_USER
    };

    /// Whether the user with this `sub` in the store may sign in.
    pub fn takes(&self, subjects: &Subjects, sub: &str) -> bool {
        let hinted = self.hinted_sub.as_ref();
        hinted.is_none_or(|hinted| subjects.names(hinted, sub))
    }
}
