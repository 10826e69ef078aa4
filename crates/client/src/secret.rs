//! Strings that must not be seen: they print as redacted, are wiped on drop, and open through
//! `reveal` only.

use std::fmt;

use zeroize::Zeroizing;

macro_rules! secret {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(Zeroizing::new(text.into()))
            }

            /// The secret itself: for sending it, or for keeping it where no one else reads.
            #[must_use]
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }
    )*};
}

secret! {
    /// `access_token` (RFC 6749, section 1.4). What is in it is the resource server's business.
    AccessToken;
    /// `refresh_token` (RFC 6749, section 1.5).
    RefreshToken;
    /// `client_secret` (RFC 6749, section 2.3.1).
    ClientSecret;
}
