//! Every order in which a browser's proofs, visits and sign-outs may be carried out and return.

use std::collections::BTreeSet;

use countersign_model::browser_sessions::{Browser, Mutant};
use stateright::{Checker, HasDiscoveries, Model};

/// How many requests the browser sends.
const BUDGET: u8 = 4;

#[test]
fn no_lost_response_breaks_a_property() {
    let browser = Browser {
        budget: BUDGET,
        mutant: None,
    };
    let checker = browser.checker().threads(2).spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("browser sessions: {states} unique states, at most {depth} steps deep");
    checker.assert_properties();
    assert!(checker.is_done());
}

#[test]
fn every_known_bug_is_found() {
    const SIGN_OUT: &str = "a confirmed sign-out leaves no session of the browser alive";
    let broken = [
        (Mutant::EarlierSecretNamesNothing, SIGN_OUT),
        (
            Mutant::EarlierSecretSignsIn,
            "an earlier secret signs no one in",
        ),
        (Mutant::EarlierSecretSignsNoOneOut, SIGN_OUT),
        (
            Mutant::RenewalRevives,
            "an ended session does not come back",
        ),
        (Mutant::RenewalForAnyUser, "a session holds one user"),
        (Mutant::ReplacedSessionLives, SIGN_OUT),
    ];
    assert_eq!(broken.map(|(mutant, _)| mutant), Mutant::ALL);
    for (mutant, property) in broken {
        let browser = Browser {
            budget: BUDGET,
            mutant: Some(mutant),
        };
        let checker = browser
            .checker()
            .threads(2)
            .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([property])))
            .spawn_bfs()
            .join();
        let Some(path) = checker.discovery(property) else {
            panic!("{mutant:?} keeps \"{property}\"");
        };
        println!("{mutant:?}: {:?}", path.into_actions());
    }
}
