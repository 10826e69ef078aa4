//! Causes of a consent form that was not taken.

use crate::error::causes;

causes! {
    /// Why a consent form was not taken.
    pub enum ConsentFault {
        DecisionMissing = "consent_decision_missing" InvalidRequest Hidden {
            rule: "A consent form is posted by one of its buttons.",
            received: "A form without a decision.",
            expected: "decision=allow, decision=deny or decision=other.",
            fix: "Press one of the buttons of the page.",
        }
    }
}
