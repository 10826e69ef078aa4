//! Causes of a consent form that was not taken.

use crate::error::causes;

causes! {
    /// Why a consent form was not taken.
    pub enum ConsentFault {
        DecisionMissing = "consent_decision_missing" InvalidRequest Hidden {
            rule: "Consent is one of two buttons.",
            received: "A form with neither.",
            expected: "decision=allow or decision=deny.",
            fix: "Press one of the buttons of the page.",
        }
    }
}
