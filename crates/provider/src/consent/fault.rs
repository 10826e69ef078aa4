//! Causes of a consent form that was not taken.

use crate::error::causes;

causes! {
    /// Why a consent form was not taken.
    pub enum ConsentFault {
        DecisionMissing = "consent_decision_missing" InvalidRequest Hidden {
            rule: "A consent form is submitted with one of its buttons.",
            received: "A form without a decision.",
            expected: "decision=allow, decision=deny or decision=other.",
            fix: "Use one of the buttons on the page.",
        }
    }
}
