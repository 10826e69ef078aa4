//! How long keys are in the JWK set, before they sign and after it.

use countersign_settings::section;

section! {
    /// Signing keys and the key that seals what is stored.
    KeyPublication in "keys" {
        /// How long others may keep a copy of the JWK set, as its `Cache-Control` says. A new key
        /// signs once it has been published for this long plus a minute.
        jwks_max_age_seconds: i64 = 300, 0 to 86_400;
        /// How long a key that no longer signs stays published. This must be longer than the
        /// lifetime of everything that it signed.
        retired_key_published_seconds: i64 = 172_800, 60 to 31_536_000;
        /// How long a key signs before the next one takes over. The upkeep of any replica sees to
        /// it, once. 0 turns this off: then keys change only by `countersign keys rotate`.
        rotate_after_seconds: i64 = 7_776_000, 0 to 315_360_000;
    }
}

impl KeyPublication {
    /// How long a key is published before it signs.
    #[must_use]
    pub fn notice_seconds(&self) -> i64 {
        self.jwks_max_age_seconds.saturating_add(MARGIN_SECONDS)
    }

    /// The longest life of what a key signs that stays published for `published_seconds`.
    #[must_use]
    pub fn max_lifetime_seconds(published_seconds: i64) -> i64 {
        published_seconds.saturating_sub(MARGIN_SECONDS)
    }

    /// How long a key must stay published where what it signs is accepted for `lifetime_seconds`.
    #[must_use]
    pub fn least_retired_seconds(lifetime_seconds: i64) -> i64 {
        lifetime_seconds.saturating_add(MARGIN_SECONDS)
    }
}

/// For replicas that see a change later, clocks that differ, and requests that are on their way.
const MARGIN_SECONDS: i64 = 60;
