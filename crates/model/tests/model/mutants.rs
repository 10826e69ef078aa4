//! A known bug each, and the property that finds it: a checker that passes these too would prove
//! nothing.

use std::collections::BTreeSet;

use countersign_model::interleaving::Interleaving;
use countersign_model::interleaving::scenarios::scenarios;
use countersign_model::mutants::Mutant;
use stateright::{Checker, HasDiscoveries, Model};

/// The bug, where it is looked for, and what it breaks.
const BROKEN: [(Mutant, &str, &str); 15] = [
    (
        Mutant::ReadThenWriteRedemption,
        "redemption",
        "a code is answered with tokens once",
    ),
    (
        Mutant::ReadThenWriteRotation,
        "rotation",
        "a refresh token has one successor",
    ),
    (
        Mutant::EpochsReadLate,
        "sign-in",
        "nothing is accepted after its ending was answered",
    ),
    (
        Mutant::EpochsReadLate,
        "sign-in",
        "an answered ending leaves nothing alive that it covers",
    ),
    (
        Mutant::GraceIgnoresUse,
        "rotation",
        "a used successor is not repeated",
    ),
    (
        Mutant::SessionTakesTheUserAnew,
        "sign-in",
        "an answered ending leaves nothing alive that it covers",
    ),
    (
        Mutant::GraceRotatesAgain,
        "rotation",
        "one refresh token of a grant would rotate",
    ),
    (
        Mutant::GraceForAnyClient,
        "rotation",
        "another client is never accepted",
    ),
    (
        Mutant::ForeignReplayEnds,
        "redemption",
        "another client's requests change no grant",
    ),
    (
        Mutant::ReplayForgiven,
        "redemption",
        "an answered ending leaves nothing alive that it covers",
    ),
    (
        Mutant::ReuseEndsTheConsent,
        "rotation",
        "a grant ends alone, and with its own parents only",
    ),
    (
        Mutant::ComparedBeforeTheActOnly,
        "logout",
        "nothing is accepted after its ending was answered",
    ),
    (
        Mutant::EndingAnsweredFirst,
        "logout",
        "nothing is accepted after its ending was answered",
    ),
    (
        Mutant::EndingAnsweredFirst,
        "offline",
        "an answered ending leaves nothing alive that it covers",
    ),
    (
        Mutant::OfflineEndsWithTheSession,
        "offline",
        "nothing is said to have ended that nobody ended",
    ),
];

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
