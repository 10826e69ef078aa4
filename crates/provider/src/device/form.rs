//! What the form for the code carries: the code of the link that led to it, if there was one.

use serde::{Deserialize, Serialize};

use crate::device_request::user_code::UserCode;
use crate::error::Failure;
use crate::journey::fault::InteractionFault;
use crate::sealed_form::{Carried, NotOpened};

/// A form for a user code.
#[derive(Serialize, Deserialize)]
pub struct CodeForm {
    /// The code of `verification_uri_complete` (RFC 8628, section 3.3.1). Whatever was typed is
    /// compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    linked: Option<String>,
}

impl CodeForm {
    pub fn new(linked: Option<&UserCode>) -> CodeForm {
        CodeForm {
            linked: linked.map(UserCode::shown),
        }
    }

    pub fn is_linked(&self) -> bool {
        self.linked.is_some()
    }

    /// Whether a typed code may be looked up here: after a link it is the link's.
    pub fn takes(&self, typed: &UserCode) -> bool {
        self.linked
            .as_ref()
            .is_none_or(|linked| *linked == typed.shown())
    }
}

impl Carried for CodeForm {
    const KIND: &'static str = "device codes";

    fn too_long() -> Failure {
        InteractionFault::TooLong.into()
    }

    fn not_opened(why: NotOpened) -> Failure {
        InteractionFault::not_opened(why)
    }
}
