//! Causes of first setup.

use crate::error::causes;
use crate::pages::error_kind::{SETUP_CLOSED, SETUP_LINK_INVALID};

causes! {
    /// Why a setup link does not work.
    pub enum SetupFault {
        LinkUnknown = "setup_link_unknown" AccessDenied Hidden page SETUP_LINK_INVALID {
            rule: "Only the newest setup link works, and only once.",
            received: "Another link, or none.",
            expected: "The link printed last.",
            fix: "`countersign setup-link` prints a new one.",
        }
        LinkExpired = "setup_link_expired" AccessDenied Hidden page SETUP_LINK_INVALID {
            rule: "A setup link lives `setup.link_lifetime_seconds`.",
            received: "An older one.",
            expected: "A fresh link.",
            fix: "`countersign setup-link` prints a new one.",
        }
        AdministratorExists = "setup_closed" AccessDenied Hidden page SETUP_CLOSED {
            rule: "Once there is an administrator no setup link works.",
            received: "A setup link after that.",
            expected: "A sign-in as the administrator.",
            fix: "`countersign user password NAME --password-stdin` helps if the password is lost.",
        }
    }
}
