//! Collection: a record is deleted once nothing can be made of it any more.
//!
//! An unused code may be presented, and its authorization may be finished again, until the code and
//! the form that names the grant are both over. A used code, and an ended grant, must be remembered
//! until the grant's last token is over as well.

use crate::acts::Outcome;
use crate::grant::Grant;
use crate::interleaving::requests::{Progress, responding};
use crate::interleaving::scenarios::SUBJECT;
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;

impl Interleaving {
    pub(super) fn collect(&self, world: &mut World, now: i64) -> Progress {
        let row = world.store.grants.get(&SUBJECT);
        if row.is_some_and(|row| now >= self.kept_until(row)) {
            world.store.grants.remove(&SUBJECT);
        }
        responding(Outcome::Done)
    }

    /// Seconds. The row may be collected from this instant on.
    fn kept_until(&self, row: &Grant) -> i64 {
        let code = row.code_expires_at;
        let form = self.scenario.form_seconds;
        let last = match self.mutant {
            Some(Mutant::CollectorForgetsAUsedCode) => code,
            Some(Mutant::CollectorForgetsTheForm) if row.ended => code,
            _ if row.code_is_unused() => code.max(form),
            _ => row.expires_at.max(form),
        };
        last + self.scenario.collect_after_seconds
    }
}
