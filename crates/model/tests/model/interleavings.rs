//! Every order of three racers' steps, in every scenario.

use countersign_model::interleaving::Interleaving;
use countersign_model::interleaving::scenarios::scenarios;
use stateright::{Checker, Model};

#[test]
fn no_order_of_steps_breaks_a_property() {
    let mut total = 0;
    for scenario in scenarios() {
        let (name, begun) = (scenario.name, std::time::Instant::now());
        let model = Interleaving {
            scenario,
            mutant: None,
        };
        let checker = model.checker().threads(2).spawn_bfs().join();
        let (states, depth) = (checker.unique_state_count(), checker.max_depth());
        println!(
            "{name}: {states} unique states, at most {depth} steps deep, {:.1?}",
            begun.elapsed()
        );
        // Also that everything the scenario promises to show was seen.
        checker.assert_properties();
        assert!(checker.is_done());
        total += states;
    }
    println!("all: {total} unique states");
}
