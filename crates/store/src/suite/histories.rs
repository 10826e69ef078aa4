//! The checked model's histories: what it answers to every act, the store must answer.

use countersign_model::history::{History, exhaustive, random};
use futures_util::{StreamExt, stream};

use super::replay::replay;
use super::world::{Grants, start};

/// How many histories run beside each other: each has ids of its own.
const AT_ONCE: usize = 64;
/// Of the many histories of five moves, every so many.
const EVERY: usize = 6;

pub async fn every_history_of_four_moves_is_answered_as_the_model_does(store: Grants) {
    replay_all(&store, &exhaustive(4)).await;
}

pub async fn histories_of_five_moves_are_answered_as_the_model_does(store: Grants) {
    let histories: Vec<History> = exhaustive(5).into_iter().step_by(EVERY).collect();
    replay_all(&store, &histories).await;
}

pub async fn long_histories_at_random_are_answered_as_the_model_does(store: Grants) {
    replay_all(&store, &random(20_260_101, 60, 150)).await;
}

async fn replay_all(store: &Grants, histories: &[History]) {
    let base = start();
    let replays = histories.iter().enumerate().map(|(number, history)| {
        // Every other history's access tokens are opaque.
        replay(store, history, number % 2 == 0, base)
    });
    let answers: Vec<Result<(), String>> = stream::iter(replays).buffered(AT_ONCE).collect().await;
    let deviations = answers.iter().filter(|answer| answer.is_err()).count();
    if let Some(first) = answers.into_iter().find_map(Result::err) {
        let all = histories.len();
        panic!("{deviations} of {all} histories deviate; the first: {first}");
    }
}
