//! Causes of a sign-in that came to nothing.

use crate::error::causes;

causes! {
    /// Why a sign-in failed. The page says the same for each.
    pub enum LoginFault {
        NameUnknown = "login_name_unknown" AccessDenied Hidden {
            rule: "All failures to sign in look alike.",
            received: "A name that belongs to no account.",
            expected: "A username or email address.",
            fix: "`countersign user list` shows the accounts.",
        }
        PasswordWrong = "login_password_wrong" AccessDenied Hidden {
            rule: "All failures to sign in look alike.",
            received: "A wrong password.",
            expected: "The account's password.",
            fix: "`countersign user password NAME --password-stdin` sets a new one.",
        }
        AccountDisabled = "login_account_disabled" AccessDenied Hidden {
            rule: "All failures to sign in look alike.",
            received: "The right password of a disabled account.",
            expected: "An active account.",
            fix: "`countersign user enable NAME`",
        }
        Throttled = "login_throttled" AccessDenied Hidden {
            rule: "Attempts are counted per name that is typed, from one network and from everywhere, and per network; in a browser in which the name has signed in before, only per name and browser (`login` in the configuration).",
            received: "More attempts to sign in than are allowed.",
            expected: "A pause.",
            fix: "Wait as long as the page says. No one is locked out permanently.",
        }
        Busy = "login_busy" TemporarilyUnavailable Hidden {
            rule: "Password hashes are computed by a bounded number of threads.",
            received: "More concurrent sign-ins than may wait. The attempt was not counted.",
            expected: "Fewer at a time, or more cores.",
            fix: "Try again in a moment. `passwords.hashing_queue` is the limit.",
        }
        PasswordTooLong = "login_password_too_long" AccessDenied Hidden {
            rule: "A password has at most `passwords.maximum_bytes` bytes.",
            received: "A password with more bytes than any password may have.",
            expected: "The account's password.",
            fix: "Type the password.",
        }
    }
}
