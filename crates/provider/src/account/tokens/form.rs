//! The sealed contents of the page's forms: the user and the session that it was shown to.

use countersign_store::sessions::BrowserSession;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::journey::fault::InteractionFault;
use crate::sealed_form::{Carried, NotOpened};

/// A form of the page, for one user in one session.
#[derive(Serialize, Deserialize)]
pub struct TokensForm {
    sub: String,
    session: String,
}

impl TokensForm {
    pub fn of(session: &BrowserSession) -> TokensForm {
        TokensForm {
            sub: session.sub.clone(),
            session: session.id.to_string(),
        }
    }

    /// Whether the page was shown in this session.
    pub fn is_of(&self, session: &BrowserSession) -> bool {
        self.sub == session.sub && self.session == session.id.to_string()
    }
}

impl Carried for TokensForm {
    const KIND: &'static str = "personal tokens";

    fn too_long() -> Failure {
        InteractionFault::TooLong.into()
    }

    fn not_opened(why: NotOpened) -> Failure {
        InteractionFault::not_opened(why)
    }
}
