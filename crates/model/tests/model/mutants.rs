//! A known bug each, and the property that finds it: a checker that passes these too would prove
//! nothing.

use std::collections::BTreeSet;

use countersign_model::interleaving::Interleaving;
use countersign_model::interleaving::scenarios::scenarios;
use countersign_model::mutants::Mutant;
use stateright::{Checker, HasDiscoveries, Model};

const ACCEPTED_TOO_LATE: &str = "nothing is accepted after its ending returned";
const ALIVE_TOO_LATE: &str = "an ending that returned leaves nothing valid that it covers";
const WITHOUT_CAUSE: &str = "reuse and replay are only reported with a cause";
const REPLACED_CODE: &str = "a replaced code is never accepted";
const OLD_PASSWORD: &str = "an old password opens nothing once its change returned";

/// The bug, where it is looked for, and what it breaks.
const BROKEN: [(Mutant, &str, &str); 32] = {
    use Mutant::*;
    [
        (
            ReadThenWriteRedemption,
            "redemption",
            "a code is exchanged for tokens once",
        ),
        (
            ReadThenWriteRotation,
            "rotation",
            "a refresh token has one successor",
        ),
        (EpochsReadLate, "sign-in", ACCEPTED_TOO_LATE),
        (EpochsReadLate, "sign-in", ALIVE_TOO_LATE),
        (EpochsReadLate, "consent", ALIVE_TOO_LATE),
        (SessionTakesTheUserAgain, "sign-in", ALIVE_TOO_LATE),
        (HashReadBeforeTheEpoch, "password", OLD_PASSWORD),
        (EndingBeforeTheHash, "password", OLD_PASSWORD),
        (
            BlindResendEnables,
            "disabling",
            "a disabled user stays disabled",
        ),
        (
            GraceIgnoresUse,
            "rotation",
            "a used successor is not repeated",
        ),
        (
            GraceRotatesAgain,
            "rotation",
            "one refresh token of a grant would rotate",
        ),
        (
            GraceForAnyClient,
            "rotation",
            "another client is never accepted",
        ),
        (
            FaultReturnedFirst,
            "shortcuts",
            "a fault in the request hides no reuse",
        ),
        (
            EarlyReadWidens,
            "shortcuts",
            "a read before the act widens nothing",
        ),
        (ReplacedCodeLives, "redemption", REPLACED_CODE),
        (
            ForeignReplayEnds,
            "redemption",
            "another client's requests change no grant",
        ),
        (ReplayForgiven, "redemption", ALIVE_TOO_LATE),
        (
            ReuseEndsTheConsent,
            "rotation",
            "a grant ends alone, and with its own parents only",
        ),
        (ComparedBeforeTheActOnly, "logout", ACCEPTED_TOO_LATE),
        (
            ParentsReadBeforeTheCommit,
            "shared endings",
            ACCEPTED_TOO_LATE,
        ),
        (StaleParentCache, "logout", ACCEPTED_TOO_LATE),
        (
            ClientSessionEndingIgnored,
            "client sessions",
            ACCEPTED_TOO_LATE,
        ),
        (EndingReturnedFirst, "logout", ACCEPTED_TOO_LATE),
        (EndingReturnedFirst, "offline", ALIVE_TOO_LATE),
        (
            OfflineEndsWithTheSession,
            "offline",
            "nothing is said to have ended that lives",
        ),
        (
            DeletionEndsBlindly,
            "deletion",
            "deleting codes ends no grant whose code was used",
        ),
        (
            CollectorForgetsAUsedCode,
            "collection",
            "a used code is remembered while its grant lives",
        ),
        (
            CollectorForgetsTheForm,
            "collection",
            "a finished authorization is not finished again",
        ),
        (SpuriousReuse, "shared redemption", WITHOUT_CAUSE),
        (UnknownFateEndsTheGrant, "shared reuse", WITHOUT_CAUSE),
        (
            OneSlotForTheLastAct,
            "shared redemption",
            "an act that was carried out is found again",
        ),
        (VersionCounterRestarts, "shared redemption", REPLACED_CODE),
    ]
};

#[test]
fn every_known_bug_is_found() {
    for (mutant, scenario, property) in BROKEN {
        let scenario = scenarios()
            .into_iter()
            .find(|known| known.name == scenario)
            .unwrap();
        let name = scenario.name;
        let checker = Interleaving {
            scenario,
            mutant: Some(mutant),
        }
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([property])))
        .spawn_bfs()
        .join();
        let Some(path) = checker.discovery(property) else {
            panic!(
                "{mutant:?} keeps \"{property}\" in {} states of {name}",
                checker.unique_state_count()
            );
        };
        let steps = path.into_actions().len();
        println!(
            "{mutant:?} breaks \"{property}\" after {steps} steps; {} states",
            checker.unique_state_count()
        );
    }
}

#[test]
fn every_mutant_has_a_row() {
    for mutant in Mutant::ALL {
        assert!(
            BROKEN.iter().any(|(broken, ..)| *broken == mutant),
            "{mutant:?}"
        );
    }
}
