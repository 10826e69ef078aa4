//! What an operator can set of the web side: lifetimes, limits and sizes.

use countersign_oauth::parameters;
use countersign_store::throttle::Limit;

/// The settings of a [`Site`](crate::Site). `Default` is the secure choice for each.
#[derive(Debug, Clone)]
pub struct SiteSettings {
    /// Absolute life of a browser session, from its last sign-in.
    pub session_lifetime_seconds: i64,
    /// How long a form of our pages may be posted: how long a sign-in may take, from the
    /// authorization request to its end.
    pub interaction_lifetime_seconds: i64,
    /// Maximum length in bytes of what a page carries sealed in its form.
    pub interaction_max_bytes: usize,
    /// Maximum length in bytes of a request body.
    pub body_max_bytes: usize,
    /// Limits of the parameter reader.
    pub parameters: parameters::Limits,
    /// Password attempts per account from one network: small, so that guessing is slow.
    pub login_attempts_per_account: Limit,
    /// Password attempts per account from everywhere together: large, so that no one can keep its
    /// owner out.
    pub login_attempts_per_account_anywhere: Limit,
    /// Password attempts per network address.
    pub login_attempts_per_address: Limit,
    /// How long a browser in which a name has signed in keeps an allowance of its own for that name.
    pub device_cookie_lifetime_seconds: i64,
    /// Responses carry the cause of every error. For development only.
    pub explain_errors: bool,
    /// Host names that are served besides the issuer's own. Where there are any, no others are,
    /// whatever the issuer; with an issuer on loopback the machine's own names are served too.
    pub additional_hosts: Vec<String>,
}

impl Default for SiteSettings {
    fn default() -> SiteSettings {
        SiteSettings {
            session_lifetime_seconds: 12 * 3_600,
            interaction_lifetime_seconds: 3_600,
            interaction_max_bytes: 16 * 1024,
            body_max_bytes: 64 * 1024,
            parameters: parameters::Limits::default(),
            login_attempts_per_account: Limit {
                attempts: 10,
                window_seconds: 300,
            },
            login_attempts_per_account_anywhere: Limit {
                attempts: 100,
                window_seconds: 300,
            },
            login_attempts_per_address: Limit {
                attempts: 60,
                window_seconds: 300,
            },
            device_cookie_lifetime_seconds: 180 * 86_400,
            explain_errors: false,
            additional_hosts: Vec::new(),
        }
    }
}
