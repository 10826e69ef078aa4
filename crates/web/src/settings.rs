//! What an operator can set of the web side: lifetimes, limits and sizes.

use countersign_oauth::parameters;
use countersign_settings::{section, settings};
use countersign_store::throttle::Limit;

use crate::host_name::HostName;

settings! {
    /// The settings of a [`Site`](crate::Site). `Default` is the secure choice for each.
    SiteSettings {
        requests: Requests,
        sessions: Sessions,
        interactions: Interactions,
        login: Login,
        errors: Errors,
    }
}

impl SiteSettings {
    /// What a form may hold: all of a body that was let in, and a whole interaction in one of its
    /// values. If the settings allow less than the defaults do, their own limits refuse first.
    #[must_use]
    pub fn parameters(&self) -> parameters::Limits {
        let defaults = parameters::Limits::default();
        parameters::Limits {
            total_bytes: defaults.total_bytes.max(self.requests.max_body_bytes),
            value_bytes: defaults.value_bytes.max(self.interactions.max_bytes),
            ..defaults
        }
    }
}

section! {
    /// What a request may be.
    Requests in "http" {
        /// The maximum size of a request's body; beyond it the response is 413. It must have room
        /// for an interaction (`interactions.max_bytes`).
        max_body_bytes: usize = 65_536, 8_192 to 16_777_216;
        /// The host names, without port, that requests may be addressed to. `/healthz` and
        /// `/readyz` accept any name. Empty means any name, except that a provider with a loopback
        /// issuer then accepts loopback names only, which keeps other sites from reaching it by DNS
        /// rebinding.
        allowed_hosts: Vec<HostName> = Vec::new();
    }
}

section! {
    /// How long people stay signed in at the provider.
    Sessions in "sessions" {
        /// How long a sign-in lasts.
        lifetime_seconds: i64 = 43_200, 60 to 31_536_000;
        /// How many codes one browser may get per minute without a new sign-in. Beyond that, an
        /// application that is in a loop is refused with `temporarily_unavailable`, and nothing is
        /// written.
        codes_per_minute: u32 = 60, 1 to 100_000;
    }
}

impl Sessions {
    /// Codes that one browser session gets without a sign-in.
    #[must_use]
    pub fn codes(&self) -> Limit {
        Limit {
            attempts: self.codes_per_minute,
            window_seconds: 60,
        }
    }
}

section! {
    /// The steps between a client's request and its response, such as sign-in and consent. Their
    /// state is sealed in the page's form.
    Interactions in "interactions" {
        /// How long a person may take for these steps.
        lifetime_seconds: i64 = 3_600, 60 to 86_400;
        /// The maximum size of the sealed state. A request that doesn't fit is refused.
        max_bytes: usize = 16_384, 4_096 to 1_048_576;
    }
}

section! {
    /// Limits that slow down password guessing. No one is locked out permanently.
    Login in "login" {
        /// How many sign-in attempts are allowed for one name, as it is typed, from one network
        /// within the window. A network is an IPv4 address or a /64 of IPv6. Wider networks are
        /// counted too, and are allowed more: an IPv4 /24 or an IPv6 /48 four times as many, an
        /// IPv6 /56 twice.
        attempts_per_account: u32 = 10, 1 to 1_000;
        /// How many sign-in attempts are allowed for one name from all networks together within the
        /// window. This should be far more than `login.attempts_per_account`, so that it is hard
        /// for strangers to lock an account's owner out.
        attempts_per_account_anywhere: u32 = 100, 1 to 100_000;
        /// How many sign-in attempts are allowed from one network within the window, for all names
        /// together. Wider networks are allowed more, as for `login.attempts_per_account`.
        attempts_per_address: u32 = 60, 1 to 100_000;
        /// The length of the window in which attempts are counted.
        window_seconds: u32 = 300, 1 to 86_400;
        /// How long a browser in which a name has signed in keeps its own allowance of attempts for
        /// that name, so that strangers who guess can't lock the owner out.
        device_cookie_lifetime_seconds: i64 = 15_552_000, 3_600 to 315_360_000;
    }
}

impl Login {
    /// Attempts per name from one network: small, so that guessing is slow.
    #[must_use]
    pub fn per_account(&self) -> Limit {
        self.limit(self.attempts_per_account)
    }

    /// Attempts per name from everywhere together: large, so that no one can keep its owner out.
    #[must_use]
    pub fn per_account_anywhere(&self) -> Limit {
        self.limit(self.attempts_per_account_anywhere)
    }

    /// Attempts per network.
    #[must_use]
    pub fn per_address(&self) -> Limit {
        self.limit(self.attempts_per_address)
    }

    fn limit(&self, attempts: u32) -> Limit {
        Limit {
            attempts,
            window_seconds: self.window_seconds,
        }
    }
}

section! {
    /// What error responses say.
    Errors in "errors" {
        /// Whether responses name the cause of every error. This helps people who build an
        /// application, but also people who attack one: leave it off if strangers can reach the
        /// server. The log always has the cause.
        explain_errors: bool = false;
    }
}

#[cfg(test)]
mod tests {
    use countersign_oauth::parameters::{ParameterFault, Parameters};

    use super::*;

    #[test]
    fn an_interaction_of_the_configured_size_fits_into_a_form_and_a_larger_one_does_not() {
        for max_bytes in [32_769, 1_048_576] {
            let mut settings = SiteSettings::default();
            settings.interactions.max_bytes = max_bytes;
            settings.requests.max_body_bytes = 2 * max_bytes + 16_384;
            let form = |bytes: usize| {
                let body = format!("interaction={}", "a".repeat(bytes));
                Parameters::parse_form(body, settings.parameters(), &[])
            };
            let read = form(max_bytes).expect("the largest is read");
            assert_eq!(read.get("interaction").map(str::len), Some(max_bytes));
            assert_eq!(
                form(max_bytes + 1).err(),
                Some(ParameterFault::TooLarge {
                    name: "interaction".to_owned(),
                    limit_bytes: max_bytes,
                })
            );
        }
        let limits = SiteSettings::default().parameters();
        assert_eq!((limits.value_bytes, limits.total_bytes), (32_768, 65_536));
    }

    #[test]
    fn each_limit_of_sign_in_attempts_is_its_own_setting() {
        let login = Login {
            attempts_per_account: 3,
            attempts_per_account_anywhere: 5,
            attempts_per_address: 7,
            window_seconds: 11,
            ..Login::default()
        };
        let limits = [
            login.per_account(),
            login.per_account_anywhere(),
            login.per_address(),
        ];
        assert_eq!(limits.map(|limit| limit.attempts), [3, 5, 7]);
        assert_eq!(limits.map(|limit| limit.window_seconds), [11; 3]);
    }
}
