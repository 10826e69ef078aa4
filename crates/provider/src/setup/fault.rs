//! Causes of first setup.

use crate::error::causes;
use crate::pages::error_kind::{SETUP_CLOSED, SETUP_LINK_INVALID};

causes! {
    /// Why a setup link does not work.
    pub enum SetupFault {
        LinkUnknown = "setup_link_unknown" AccessDenied Hidden page SETUP_LINK_INVALID {
            rule: "Only the newest setup link works, and only once.",
            received: "A setup link that is not the newest one, or has been used; or no link.",
            expected: "The link that was printed last.",
            fix: "`countersign setup-link` prints a new one.",
        }
        LinkExpired = "setup_link_expired" AccessDenied Hidden page SETUP_LINK_INVALID {
            rule: "A setup link is valid for `setup.link_lifetime_seconds`.",
            received: "A setup link that has expired.",
            expected: "A newer link.",
            fix: "`countersign setup-link` prints a new one.",
        }
        AdministratorExists = "setup_closed" AccessDenied Hidden page SETUP_CLOSED {
            rule: "Once there is an administrator, no setup link works.",
            received: "A setup link, although there is an administrator.",
            expected: "A sign-in as the administrator.",
            fix: "If the password is lost, `countersign user password NAME --password-stdin` sets a new one.",
        }
    }
}
