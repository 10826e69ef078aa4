//! Whether people make tokens, how many, and for how long.

use countersign_settings::section;

section! {
    /// API tokens that people make for their own programs.
    PersonalTokenSettings in "personal_tokens" {
        /// Whether people can make API tokens on their account page. While this is off, such tokens
        /// are refused.
        enabled: bool = false;
        /// The longest time that a token may be valid. Anyone who gets hold of one can use it for
        /// that long, so keep it short.
        max_lifetime_seconds: i64 = 31_536_000, 300 to 315_360_000;
        /// How many tokens a person may have at once.
        max_per_user: u32 = 50, 1 to 10_000;
        /// How many days the history of tokens is kept: who made, changed and revoked one.
        history_days: i64 = 365, 1 to 36_500;
    }
}

impl PersonalTokenSettings {
    /// How long a change is kept.
    #[must_use]
    pub fn history_seconds(&self) -> i64 {
        self.history_days.saturating_mul(86_400)
    }
}
