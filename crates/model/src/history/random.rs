//! Long histories at random, over a world that is too wide to be walked through: three clients, two
//! users, twenty grants, clocks that disagree.

use std::sync::Arc;

use crate::acts::{Act, BrowserSessionId, ClientId, GrantId, Under, UserId};
use crate::history::alphabet::{Place, cookies, endings, grant_acts, standings};
use crate::history::{History, Step};
use crate::state::{Client, Lifetimes, Setup, State, apply};

/// `count` histories of `length` acts each. The same seed gives the same histories.
pub fn random(seed: u64, count: usize, length: usize) -> Vec<History> {
    let mut dice = Dice(seed);
    let setup = setup();
    (0..count)
        .map(|number| history(format!("random/{seed}/{number}"), &setup, &mut dice, length))
        .collect()
}

fn history(name: String, setup: &Setup, dice: &mut Dice, length: usize) -> History {
    let places = places();
    let mut state = State::new(Arc::new(setup.clone()));
    let mut clock = 0;
    let mut steps = Vec::with_capacity(length);
    let mut place = places.first();
    while steps.len() < length {
        clock += dice.pick(&WAITS).copied().unwrap_or(0);
        let is_over = place.is_some_and(|place| has_ended(&state, place));
        if dice.below(if is_over { 2 } else { 6 }) == 0 {
            place = dice.pick(&places);
        }
        // A replica's clock may be a second behind the one that spoke before.
        let now = clock - i64::from(dice.below(8) == 0);
        let Some(act) = place.and_then(|place| act(&state, place, now, dice)) else {
            break;
        };
        steps.push(Step::carry_out(&mut state, act, now));
    }
    History {
        name,
        setup: setup.clone(),
        steps,
    }
}

/// Mostly an act on the grant, one in forty times the ending of something above it.
fn act(state: &State, place: &Place, now: i64, dice: &mut Dice) -> Option<Act> {
    if dice.below(40) == 0 {
        return dice.pick(&endings(state, place)).copied();
    }
    // Anything that is disabled is soon enabled again: its other acts would show little.
    if dice.below(if state.disabled.is_empty() { 120 } else { 8 }) == 0 {
        return dice.pick(&standings(state, place)).copied();
    }
    if matches!(place.under, Under::BrowserSession(_)) && dice.below(12) == 0 {
        return dice.pick(&cookies(state, place)).copied();
    }
    let mut acts = grant_acts(state, place);
    if is_redeemed(state, place) && dice.below(3) != 0 {
        acts.retain(|act| matches!(act, Act::RotateRefreshToken { .. } | Act::CheckToken { .. }));
    }
    let is_new = !state.grants.contains_key(&place.grant);
    // The first act of a new grant is its issue; the others find nothing to act on.
    if is_new && dice.below(8) != 0 {
        return acts.first().copied();
    }
    let act = dice.pick(&acts).copied()?;
    let mut after = state.clone();
    apply(&mut after, &act, now);
    // A grant's life would be short if each act that ends it came as often as the others.
    let is_fatal = !has_ended(state, place) && has_ended(&after, place);
    if is_fatal && dice.below(4) != 0 {
        dice.pick(&acts).copied()
    } else {
        Some(act)
    }
}

fn has_ended(state: &State, place: &Place) -> bool {
    state
        .grants
        .get(&place.grant)
        .is_some_and(|grant| !state.is_live(grant))
}

fn is_redeemed(state: &State, place: &Place) -> bool {
    state
        .grants
        .get(&place.grant)
        .is_some_and(|grant| grant.family.is_some())
}

/// Mostly at once; now and then to the end of the grace, of a code, of an access token.
const WAITS: [i64; 30] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 4, 9, 10, 11, 20, 60, 200,
];

fn setup() -> Setup {
    Setup {
        users: 2,
        browser_sessions: vec![UserId(0), UserId(1), UserId(0)],
        clients: vec![
            Client { rotates: true },
            Client { rotates: true },
            Client { rotates: false },
        ],
        lifetimes: Lifetimes {
            code_seconds: 60,
            access_token_seconds: 150,
            grant_seconds: 400,
            refresh_idle_seconds: 250,
            grace_seconds: 10,
        },
    }
}

fn places() -> Vec<Place> {
    let unders = [
        Under::BrowserSession(BrowserSessionId(0)),
        Under::Consent(UserId(0)),
        Under::BrowserSession(BrowserSessionId(1)),
        Under::BrowserSession(BrowserSessionId(2)),
        Under::Consent(UserId(1)),
    ];
    (0..20)
        .zip(unders.into_iter().cycle())
        .map(|(number, under)| Place {
            grant: GrantId(number),
            client: ClientId(number % 3),
            foreign: ClientId((number + 1) % 3),
            under,
        })
        .collect()
}

/// SplitMix64: enough to choose by, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u64) as usize)
    }
}
