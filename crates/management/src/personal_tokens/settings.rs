//! Whether people make tokens, how many, and for how long.

use countersign_settings::section;

section! {
    /// API tokens that people make for their own programs.
    PersonalTokenSettings in "personal_tokens" {
        /// Whether people can make API tokens on their account page. While this is off, such tokens
        /// are refused.
        enabled: bool = false;
        /// The longest time that one is valid. Whoever has it can use it for that long, so the
        /// shorter the better.
        max_lifetime_seconds: i64 = 31_536_000, 300 to 315_360_000;
        /// How many one person may have at once.
        max_per_user: u32 = 50, 1 to 10_000;
        /// For how many days it is remembered who made, changed and revoked one.
        history_days: i64 = 365, 1 to 36_500;
    }
}

impl PersonalTokenSettings {
    /// For how long a change is remembered.
    #[must_use]
    pub fn history_seconds(&self) -> i64 {
        self.history_days.saturating_mul(86_400)
    }
}
