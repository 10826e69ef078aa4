//! The standing of a user or a client: the epoch that everything below it carries, and whether it
//! may do anything at all. What an act makes of a standing is decided here, for both.

use crate::Epoch;
use crate::events::EventKind;

/// What is never cached of a user or a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Also the id of the act that last ended or disabled: each brings a new one.
    pub epoch: Epoch,
    pub status: Status,
}

impl Standing {
    /// Whether a record that took `epoch` from here is still valid.
    pub fn accepts(&self, epoch: &Epoch) -> bool {
        self.epoch == *epoch && self.status == Status::Active
    }
}

/// Whether a user or a client may do anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Active,
    Disabled,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Disabled => "disabled",
        }
    }

    pub fn parse(text: &str) -> Option<Status> {
        match text {
            "active" => Some(Status::Active),
            "disabled" => Some(Status::Disabled),
            _ => None,
        }
    }
}

/// An act on a standing. Its epoch is drawn for this one act, so that the act is found again if its
/// response was lost, and so that repeating it changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingChange {
    /// Ends everything below. The status stays: this does not enable what is disabled.
    End { epoch: Epoch },
    /// Ends everything below and allows nothing from now on.
    Disable { epoch: Epoch },
    /// Undoes the disabling that brought `disabled_by`, and no later one. What ended stays ended.
    Enable { disabled_by: Epoch },
}

impl StandingChange {
    /// The event for a user whose standing was written.
    pub const fn of_user(&self) -> EventKind {
        match self {
            StandingChange::End { .. } => EventKind::UserEnded,
            StandingChange::Disable { .. } => EventKind::UserDisabled,
            StandingChange::Enable { .. } => EventKind::UserEnabled,
        }
    }

    /// The event for a client whose standing was written.
    pub const fn of_client(&self) -> EventKind {
        match self {
            StandingChange::End { .. } => EventKind::ClientEnded,
            StandingChange::Disable { .. } => EventKind::ClientDisabled,
            StandingChange::Enable { .. } => EventKind::ClientEnabled,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingOutcome {
    /// It is as the act asks, by this call or by an earlier one of the same act.
    Changed,
    /// What was to be enabled has been ended or disabled by another act meanwhile. Nothing changed.
    ChangedMeanwhile,
    /// There is no such user or client.
    Unknown,
}

/// What an act on a standing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingDecision {
    /// Write this standing and return [`StandingOutcome::Changed`].
    Write(Standing),
    /// Write nothing and return this.
    Keep(StandingOutcome),
}

/// What an act does to a standing as read, in this order:
///
/// 1. no such user or client → `Unknown`
/// 2. the act's own epoch is there: it was carried out before → `Changed`
/// 3. an ending or a disabling writes its epoch
/// 4. an enabling whose disabling is no longer the last act → `ChangedMeanwhile`
///
/// In a shared engine, an act of unknown fate that finds a third epoch when it reads again cannot
/// tell whether it took effect. It must not write its epoch a second time, since other records may
/// carry it by now. It fails with an error of contention, and its caller draws another epoch.
pub fn decide_standing(current: Option<Standing>, change: &StandingChange) -> StandingDecision {
    let Some(current) = current else {
        return StandingDecision::Keep(StandingOutcome::Unknown);
    };
    match *change {
        StandingChange::End { epoch } | StandingChange::Disable { epoch }
            if epoch == current.epoch =>
        {
            StandingDecision::Keep(StandingOutcome::Changed)
        }
        StandingChange::End { epoch } => StandingDecision::Write(Standing { epoch, ..current }),
        StandingChange::Disable { epoch } => StandingDecision::Write(Standing {
            epoch,
            status: Status::Disabled,
        }),
        StandingChange::Enable { disabled_by } if disabled_by != current.epoch => {
            StandingDecision::Keep(StandingOutcome::ChangedMeanwhile)
        }
        StandingChange::Enable { .. } => match current.status {
            Status::Active => StandingDecision::Keep(StandingOutcome::Changed),
            Status::Disabled => StandingDecision::Write(Standing {
                status: Status::Active,
                ..current
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Epoch = Epoch::from_bytes([1; 16]);
    const SECOND: Epoch = Epoch::from_bytes([2; 16]);

    fn standing(epoch: Epoch, status: Status) -> Standing {
        Standing { epoch, status }
    }

    #[test]
    fn every_act_on_every_standing() {
        use StandingChange::{Disable, Enable, End};
        use StandingDecision::{Keep, Write};
        use Status::{Active, Disabled};
        let changed = Keep(StandingOutcome::Changed);
        let table = [
            (
                Active,
                End { epoch: SECOND },
                Write(standing(SECOND, Active)),
            ),
            (
                Disabled,
                End { epoch: SECOND },
                Write(standing(SECOND, Disabled)),
            ),
            (
                Active,
                Disable { epoch: SECOND },
                Write(standing(SECOND, Disabled)),
            ),
            (
                Disabled,
                Disable { epoch: SECOND },
                Write(standing(SECOND, Disabled)),
            ),
            (
                Disabled,
                Enable { disabled_by: FIRST },
                Write(standing(FIRST, Active)),
            ),
            // Repeated: by then it may have been undone, and is not done again.
            (Active, End { epoch: FIRST }, changed),
            (Disabled, End { epoch: FIRST }, changed),
            (Active, Disable { epoch: FIRST }, changed),
            (Disabled, Disable { epoch: FIRST }, changed),
            (Active, Enable { disabled_by: FIRST }, changed),
            // It would undo a disabling that it does not know of.
            (
                Disabled,
                Enable {
                    disabled_by: SECOND,
                },
                Keep(StandingOutcome::ChangedMeanwhile),
            ),
        ];
        for (status, change, expected) in table {
            let current = standing(FIRST, status);
            let decision = decide_standing(Some(current), &change);
            assert_eq!(decision, expected, "{change:?} on {current:?}");
            let unknown = decide_standing(None, &change);
            assert_eq!(unknown, Keep(StandingOutcome::Unknown), "{change:?}");
        }
    }

    #[test]
    fn a_standing_accepts_its_own_epoch_while_it_is_active() {
        assert!(standing(FIRST, Status::Active).accepts(&FIRST));
        assert!(!standing(FIRST, Status::Active).accepts(&SECOND));
        assert!(!standing(FIRST, Status::Disabled).accepts(&FIRST));
    }
}
