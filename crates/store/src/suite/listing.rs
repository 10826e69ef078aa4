//! Lists of grants and sessions: who finds what, page by page.

use super::world::{World, session};
use super::{Whole, grants_of};
use crate::grants::WhatEnded;
use crate::listing::WantedGrants;
use crate::{GrantId, SessionId};

async fn listed(store: &Whole, wanted: &WantedGrants, page: u32) -> Vec<GrantId> {
    let mut listed: Vec<GrantId> = Vec::new();
    loop {
        let after = listed.last().copied();
        let found = store.list_grants(wanted, after.as_ref(), page).await;
        let found = found.expect("returns");
        assert!(found.len() <= page as usize);
        if found.is_empty() {
            return listed;
        }
        listed.extend(found.iter().map(|view| view.grant.id));
    }
}

fn sorted(ids: &[GrantId]) -> Vec<GrantId> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

pub async fn grants_are_listed_by_user_client_and_session_in_pages(store: Whole) {
    let grants = grants_of(&store);
    let alice = World::new(&grants).await;
    let bob = alice.neighbour(&grants).await;
    let carol = World::new(&grants).await;
    let mut of_alice = Vec::new();
    for _ in 0..5 {
        of_alice.push(alice.issued(&grants).await);
    }
    // Her other browser, and a grant that belongs to none.
    let other = session(&alice.sub, alice.user_epoch, alice.now);
    let started = store.start_session(&other, None, alice.now).await;
    started.expect("returns");
    let elsewhere = World {
        session: other.clone(),
        ..alice.clone()
    };
    let in_other = elsewhere.issued(&grants).await;
    let act = alice.issue_offline();
    let offline = act.grant.id;
    store.issue_code(&act, alice.now).await.expect("returns");
    let (of_bob, of_carol) = (bob.issued(&grants).await, carol.issued(&grants).await);

    let sub = |world: &World| Some(world.sub.clone());
    let client_id = |world: &World| Some(world.client_id.clone());
    let nothing = WantedGrants::default();
    let every_one_of_alice = [of_alice.as_slice(), &[in_other, offline]].concat();
    for (wanted, expected) in [
        (
            WantedGrants {
                sub: sub(&alice),
                ..nothing.clone()
            },
            every_one_of_alice.clone(),
        ),
        (
            WantedGrants {
                client_id: client_id(&alice),
                ..nothing.clone()
            },
            [every_one_of_alice.as_slice(), &[of_bob]].concat(),
        ),
        (
            WantedGrants {
                sub: sub(&bob),
                client_id: client_id(&alice),
                ..nothing.clone()
            },
            vec![of_bob],
        ),
        (
            WantedGrants {
                sub: sub(&bob),
                client_id: client_id(&carol),
                ..nothing.clone()
            },
            vec![],
        ),
        (
            WantedGrants {
                sub: sub(&alice),
                browser_session: Some(other.id),
                ..nothing.clone()
            },
            vec![in_other],
        ),
        (
            WantedGrants {
                browser_session: Some(alice.session.id),
                ..nothing.clone()
            },
            of_alice.clone(),
        ),
        (
            WantedGrants {
                sub: sub(&bob),
                browser_session: Some(alice.session.id),
                ..nothing.clone()
            },
            vec![],
        ),
        (
            nothing.clone(),
            [every_one_of_alice.as_slice(), &[of_bob, of_carol]].concat(),
        ),
    ] {
        for page in [1, 2, 100] {
            let found = listed(&store, &wanted, page).await;
            assert_eq!(found, sorted(&expected), "{wanted:?} by {page}");
        }
    }
}

pub async fn a_listed_grant_says_what_has_ended_of_it(store: Whole) {
    let grants = grants_of(&store);
    let world = World::new(&grants).await;
    let id = world.redeemed(&grants).await;
    let wanted = WantedGrants {
        sub: Some(world.sub.clone()),
        ..WantedGrants::default()
    };
    let found = store.list_grants(&wanted, None, 9).await.expect("returns");
    let view = store.grant(&id).await.expect("returns").expect("is there");
    assert_eq!(found, [view]);
    let ended = store.end_session(&world.session.id, world.now).await;
    ended.expect("returns");
    let found = store.list_grants(&wanted, None, 9).await.expect("returns");
    assert_eq!(found[0].what_ended, Some(WhatEnded::BrowserSession));
    assert_eq!(found[0].grant.id, id);
}

pub async fn sessions_are_listed_by_user_in_pages(store: Whole) {
    let grants = grants_of(&store);
    let alice = World::new(&grants).await;
    let bob = alice.neighbour(&grants).await;
    let mut of_alice = vec![alice.session.id];
    for _ in 0..4 {
        let another = session(&alice.sub, alice.user_epoch, alice.now);
        let started = store.start_session(&another, None, alice.now).await;
        started.expect("returns");
        of_alice.push(another.id);
    }
    of_alice.sort_unstable();
    let mut all = of_alice.clone();
    all.push(bob.session.id);
    all.sort_unstable();
    for (sub, expected) in [
        (Some(alice.sub.as_str()), of_alice),
        (Some(bob.sub.as_str()), vec![bob.session.id]),
        (Some("nothing-like-it"), vec![]),
        (None, all),
    ] {
        for page in [1, 2, 100] {
            let mut listed: Vec<SessionId> = Vec::new();
            loop {
                let after = listed.last().copied();
                let found = store.list_sessions(sub, after.as_ref(), page).await;
                let found = found.expect("returns");
                assert!(found.len() <= page as usize);
                if found.is_empty() {
                    break;
                }
                listed.extend(found.iter().map(|view| view.session.id));
            }
            assert_eq!(listed, expected, "{sub:?} by {page}");
        }
    }
    let found = store.list_sessions(Some(&bob.sub), None, 9).await;
    let view = store.session(&bob.session.id).await.expect("returns");
    assert_eq!(found.expect("returns"), [view.expect("is there")]);
}
