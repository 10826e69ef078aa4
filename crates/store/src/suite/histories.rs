//! The checked model's histories: what it returns for every act, the store must return.

use countersign_model::history::{History, exhaustive, random};
use futures_util::{StreamExt, stream};

use super::replay::replay;
use super::world::{Grants, start};

/// How many histories run beside each other: each has ids of its own.
const AT_ONCE: usize = 64;
/// Of the many histories of five moves, every so many.
const EVERY: usize = 6;

pub async fn every_history_of_four_moves_returns_what_the_model_returns(store: Grants) {
    replay_all(&store, &exhaustive(4)).await;
}

pub async fn histories_of_five_moves_return_what_the_model_returns(store: Grants) {
    let histories: Vec<History> = exhaustive(5).into_iter().step_by(EVERY).collect();
    replay_all(&store, &histories).await;
}

pub async fn long_histories_at_random_return_what_the_model_returns(store: Grants) {
    replay_all(&store, &random(20_260_101, 60, 150)).await;
}

async fn replay_all(store: &Grants, histories: &[History]) {
    let base = start();
    // Every other history's access tokens are opaque.
    let replays = |alone: bool| {
        let numbered = histories.iter().enumerate();
        let wanted = numbered.filter(move |(_, history)| history.needs_the_store_alone() == alone);
        stream::iter(
            wanted.map(move |(number, history)| replay(store, history, number % 2 == 0, base)),
        )
    };
    let mut replayed: Vec<Result<(), String>> = replays(false).buffered(AT_ONCE).collect().await;
    replayed.extend(replays(true).buffered(1).collect::<Vec<_>>().await);
    let deviations = replayed.iter().filter(|replayed| replayed.is_err()).count();
    if let Some(first) = replayed.into_iter().find_map(Result::err) {
        let all = histories.len();
        panic!("{deviations} of {all} histories deviate; the first: {first}");
    }
}
