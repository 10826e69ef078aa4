//! The calls that tell applications of an ending (OpenID Connect Back-Channel Logout 1.0,
//! section 2.5), and the client sessions that an ending concerns.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_jose::random;

use super::races::race;
use super::world::{World, change_user, endings, name, session, start};
use super::{Whole, grants_of};
use crate::logout::{
    ClientSessionsOf, DroppedLogoutCalls, ListedClientSession, LogoutCall, LogoutCallLimits,
    LogoutCallOutcome, NewLogoutCall, SettledLogoutCall,
};
use crate::{ClientSessionId, SessionId};

async fn listed(store: &Whole, of: ClientSessionsOf<'_>) -> Vec<ListedClientSession> {
    let mut listed: Vec<ListedClientSession> = Vec::new();
    loop {
        let after = listed.last().map(|last| last.session.sid);
        let page = store.client_sessions(of, after.as_ref(), 2).await;
        let page = page.expect("returns");
        assert!(page.len() <= 2);
        if page.is_empty() {
            return listed;
        }
        listed.extend(page);
    }
}

fn sids(listed: &[ListedClientSession]) -> Vec<ClientSessionId> {
    listed.iter().map(|one| one.session.sid).collect()
}

/// A world in which the user has opened the client, in two browsers.
async fn in_two_browsers(store: &Whole) -> (World, World) {
    let grants = grants_of(store);
    let first = World::new(&grants).await;
    let mut second = first.clone();
    second.session = session(&first.sub, first.user_epoch, first.now);
    let started = store.start_session(&second.session, None, first.now).await;
    started.expect("returns");
    for world in [&first, &second] {
        world.issued(&grants).await;
    }
    (first, second)
}

pub async fn client_sessions_are_listed_by_sid_in_pages(store: Whole) {
    let grants = grants_of(&store);
    let (first, second) = in_two_browsers(&store).await;
    let other = World::new(&grants).await;
    other.issued(&grants).await;
    let of_user = listed(&store, ClientSessionsOf::User(&first.sub)).await;
    assert_eq!(of_user.len(), 2);
    let mut sorted = sids(&of_user);
    sorted.sort();
    assert_eq!(sids(&of_user), sorted);
    let browsers: BTreeSet<SessionId> = of_user.iter().map(|l| l.session.browser_session).collect();
    assert_eq!(
        browsers,
        BTreeSet::from([first.session.id, second.session.id])
    );
    for one in &of_user {
        assert_eq!(one.sub, first.sub);
        assert_eq!(one.session.client_id, first.client_id);
        assert!(!one.browser_session_ended && !one.user_ended, "{one:?}");
    }
    let of = ClientSessionsOf::BrowserSession(&second.session.id);
    let of_browser = listed(&store, of).await;
    assert_eq!(of_browser.len(), 1);
    assert_eq!(of_browser[0].session.browser_session, second.session.id);
    let everyone = listed(&store, ClientSessionsOf::Everyone).await;
    assert_eq!(everyone.len(), 3);
    let of_no_one = listed(&store, ClientSessionsOf::User(&name("eve"))).await;
    assert_eq!(of_no_one, []);
}

pub async fn a_listed_client_session_says_what_above_it_has_ended(store: Whole) {
    let grants = grants_of(&store);
    let (first, second) = in_two_browsers(&store).await;
    let now = first.now;
    store
        .end_session(&second.session.id, now)
        .await
        .expect("returns");
    for one in listed(&store, ClientSessionsOf::User(&first.sub)).await {
        let ended = one.session.browser_session == second.session.id;
        assert_eq!(one.browser_session_ended, ended);
        assert!(!one.user_ended);
    }
    for ending in endings() {
        let world = World::new(&grants).await;
        world.issued(&grants).await;
        change_user(&grants, &world.sub, ending, now).await;
        let [one] = &listed(&store, ClientSessionsOf::User(&world.sub)).await[..] else {
            panic!("one client session");
        };
        assert!(one.user_ended && !one.browser_session_ended, "{ending:?}");
    }
    store
        .delete_subject(&first.sub, now)
        .await
        .expect("returns");
    for one in listed(&store, ClientSessionsOf::User(&first.sub)).await {
        assert!(one.user_ended, "a deleted user's sessions have ended");
    }
}

fn new_call(client_id: &str, ended_at: i64) -> NewLogoutCall {
    NewLogoutCall {
        sid: ClientSessionId::from_bytes(random::bytes()),
        client_id: client_id.to_owned(),
        sub: name("alice"),
        ended_at,
    }
}

fn claimed(new: &NewLogoutCall, attempts: u32) -> LogoutCall {
    LogoutCall {
        sid: new.sid,
        client_id: new.client_id.clone(),
        sub: new.sub.clone(),
        ended_at: new.ended_at,
        attempts,
    }
}

async fn claim(store: &Whole, client_id: &str, until: i64, now: i64) -> Vec<LogoutCall> {
    let claimed = store.claim_logout_calls(client_id, 10, until, now).await;
    claimed.expect("returns")
}

async fn due(store: &Whole, now: i64) -> Vec<String> {
    let clients = store.clients_with_due_logout_calls(now).await;
    clients.expect("returns")
}

async fn settle(store: &Whole, sid: ClientSessionId, outcome: LogoutCallOutcome) {
    let settled = SettledLogoutCall { sid, outcome };
    let done = store.settle_logout_calls(&[settled]).await;
    done.expect("returns");
}

pub async fn a_call_is_due_until_it_is_finished(store: Whole) {
    let now = start();
    let (one, other) = (new_call("a-client", now), new_call("b-client", now));
    let both = [one.clone(), other.clone()];
    store.add_logout_calls(&both, now).await.expect("returns");
    assert_eq!(due(&store, now - 1).await, Vec::<String>::new());
    assert_eq!(due(&store, now).await, ["a-client", "b-client"]);
    assert_eq!(
        claim(&store, "a-client", now + 10, now).await,
        [claimed(&one, 0)]
    );
    assert_eq!(due(&store, now + 9).await, ["b-client"]);
    assert_eq!(claim(&store, "a-client", now + 30, now + 9).await, []);
    // Its claimant is gone.
    assert_eq!(
        claim(&store, "a-client", now + 20, now + 10).await,
        [claimed(&one, 0)]
    );
    let again = LogoutCallOutcome::Again {
        attempts: 1,
        due_at: now + 15,
    };
    settle(&store, one.sid, again).await;
    // The ending is read a second time: the call is the same one.
    store.add_logout_calls(&both, now).await.expect("returns");
    assert_eq!(claim(&store, "a-client", now + 30, now + 14).await, []);
    assert_eq!(
        claim(&store, "a-client", now + 30, now + 15).await,
        [claimed(&one, 1)]
    );
    settle(&store, one.sid, LogoutCallOutcome::Finished).await;
    settle(&store, one.sid, again).await;
    assert_eq!(due(&store, i64::MAX).await, ["b-client"]);
    assert_eq!(
        claim(&store, "b-client", now + 1, now).await,
        [claimed(&other, 0)]
    );
}

pub async fn what_has_waited_longest_is_claimed_first(store: Whole) {
    let now = start();
    let calls: Vec<_> = (0..3).map(|_| new_call("a-client", now)).collect();
    for (call, added) in calls.iter().zip([now + 2, now, now + 1]) {
        let added = store
            .add_logout_calls(std::slice::from_ref(call), added)
            .await;
        added.expect("returns");
    }
    let mut order = Vec::new();
    for _ in 0..3 {
        let next = store.claim_logout_calls("a-client", 1, i64::MAX, now + 9);
        order.extend(next.await.expect("returns"));
    }
    let expected = [1, 2, 0].map(|n: usize| claimed(&calls[n], 0));
    assert_eq!(order, expected);
}

pub async fn no_call_is_claimed_by_two(store: Whole) {
    let now = start();
    let calls: Vec<_> = (0..100).map(|_| new_call("a-client", now)).collect();
    store.add_logout_calls(&calls, now).await.expect("returns");
    let claims = race(|_| {
        let store = Arc::clone(&store);
        async move {
            let claimed = store.claim_logout_calls("a-client", 3, now + 60, now).await;
            claimed.expect("returns")
        }
    })
    .await;
    let sids: Vec<_> = claims.iter().flatten().map(|call| call.sid).collect();
    let different: BTreeSet<_> = sids.iter().copied().collect();
    assert_eq!(sids.len(), different.len());
    assert_eq!(different.len(), 100, "64 times three is enough for all");
}

pub async fn calls_are_dropped_by_age_and_by_number_for_each_client(store: Whole) {
    let now = start();
    let old = new_call("a-client", now - 100);
    let many: Vec<_> = (0..4).map(|n| new_call("b-client", now + n)).collect();
    let few = new_call("c-client", now - 99);
    let all: Vec<_> = [old, few.clone()].into_iter().chain(many.clone()).collect();
    store.add_logout_calls(&all, now).await.expect("returns");
    let limits = LogoutCallLimits {
        oldest_ended_at: now - 100,
        max_per_client: 2,
    };
    let dropped = |client_id: &str, calls| DroppedLogoutCalls {
        client_id: client_id.to_owned(),
        calls,
    };
    let drop = async |batch| {
        let dropped = store.drop_logout_calls(&limits, batch).await;
        dropped.expect("returns")
    };
    assert_eq!(
        drop(2).await,
        [dropped("a-client", 1), dropped("b-client", 1)]
    );
    assert_eq!(drop(2).await, [dropped("b-client", 1)]);
    assert_eq!(drop(2).await, []);
    assert_eq!(due(&store, now).await, ["b-client", "c-client"]);
    let left = claim(&store, "b-client", now + 9, now).await;
    let left: BTreeSet<_> = left.iter().map(|call| call.sid).collect();
    assert_eq!(left, BTreeSet::from([many[2].sid, many[3].sid]));
}
