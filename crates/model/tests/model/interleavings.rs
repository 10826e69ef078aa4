//! Every order of three racers' steps, in every scenario.

use countersign_model::interleaving::Interleaving;
use countersign_model::interleaving::scenarios::scenarios;
use stateright::{Checker, Model};

#[test]
fn no_order_of_steps_breaks_a_property() {
    for scenario in scenarios() {
        let t = std::time::Instant::now();
        let name = scenario.name;
        let checker = Interleaving {
            scenario,
            mutant: None,
        }
        .checker()
        .threads(2)
        .spawn_bfs()
        .join();
        println!(
            "{name}: {} states, {} unique, depth {} {:?}",
            checker.state_count(),
            checker.unique_state_count(),
            checker.max_depth(),
            t.elapsed()
        );
        checker.assert_properties();
    }
}
