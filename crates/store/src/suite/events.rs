//! The outbox: every act that changed something wrote an event, and nothing else did.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::races::race;
use super::sessions::renewal;
use super::users::{account, create};
use super::world::{World, client, epoch, guess, name, redeem, rotate, session, start};
use super::{Whole, grants_of};
use crate::access_tokens::{NewAccessToken, NewHolder};
use crate::clients::UpdateClient;
use crate::events::{Event, EventKind, StoredEvent};
use crate::grants::EndCause;
use crate::keys::{ChangeKeys, KeyState, SigningKeyRecord};
use crate::standing::StandingChange;
use crate::throttle::{Count, CounterKey, Limit};
use crate::users::UpdateUser;

/// The events since the last time, without their ids and in no order.
pub(super) async fn told(store: &Whole, now: i64) -> Vec<String> {
    let events = store.claim_events(1_000, now + 60, now).await;
    let events = events.expect("returns");
    let ids: Vec<i64> = events.iter().map(|event| event.id).collect();
    store.finish_events(&ids, now).await.expect("returns");
    let mut told: Vec<String> = events.iter().map(stored).collect();
    told.sort();
    told
}

fn stored(event: &StoredEvent) -> String {
    let StoredEvent {
        id: _,
        kind,
        at,
        sub,
        client_id,
        about,
        cause,
    } = event;
    format!("{kind:?} at {at}: {sub:?} {client_id:?} {about:?} {cause:?}")
}

/// The same of events that were expected.
pub(super) fn expected(events: impl IntoIterator<Item = Event>) -> Vec<String> {
    let mut texts: Vec<String> = events
        .into_iter()
        .map(|event| {
            stored(&StoredEvent {
                id: 0,
                kind: event.kind,
                at: event.at,
                sub: event.sub,
                client_id: event.client_id,
                about: event.about,
                cause: event.cause.map(str::to_owned),
            })
        })
        .collect();
    texts.sort();
    texts
}

pub async fn the_acts_on_a_grant_tell_what_they_changed(store: Whole) {
    let grants = grants_of(&store);
    let world = World::new(&grants).await;
    let now = world.now;
    let act = world.issue();
    let id = act.grant.id;
    let of = |kind| {
        Event::new(kind, now)
            .sub(&world.sub)
            .client(&world.client_id)
    };
    let about = |kind| of(kind).about(id);
    let new_client = Event::new(EventKind::ClientCreated, now).client(&world.client_id);
    let new_session = Event::new(EventKind::SessionStarted, now).sub(&world.sub);
    assert_eq!(
        told(&store, now).await,
        expected([new_client, new_session.about(world.session.id)])
    );

    world.carry_out_issue(&grants, &act).await;
    let recorded = of(EventKind::ConsentRecorded);
    let issued = about(EventKind::CodeIssued);
    assert_eq!(told(&store, now).await, expected([recorded, issued]));
    let mut guessed = world.redeem(id);
    guessed.presented = guess();
    redeem(&grants, &guessed, now).await;
    assert_eq!(told(&store, now).await, expected([]));
    world.carry_out_redeem(&grants, id).await;
    let redeemed = about(EventKind::CodeRedeemed);
    assert_eq!(told(&store, now).await, expected([redeemed]));
    world.rotated(&grants, id, 0, now).await;
    let rotated = about(EventKind::RefreshTokenRotated);
    assert_eq!(told(&store, now).await, expected([rotated]));
    rotate(&grants, &world.rotate(id, 0, now), now).await;
    let mut keeps = world.rotate(id, 1, now);
    keeps.successor = None;
    rotate(&grants, &keeps, now).await;
    assert_eq!(told(&store, now).await, expected([]), "nothing has moved");
    redeem(&grants, &world.redeem(id), now).await;
    let ended = |cause: EndCause| about(EventKind::GrantEnded).cause(cause.as_str());
    let replayed = ended(EndCause::CodeReplayed);
    assert_eq!(told(&store, now).await, expected([replayed]));
    redeem(&grants, &world.redeem(id), now).await;
    super::world::end(&grants, &id, now).await;
    store.issue_code(&act, now).await.expect("returns");
    assert_eq!(told(&store, now).await, expected([]), "it ended before");
}

pub async fn every_way_to_end_a_grant_tells_its_cause(store: Whole) {
    let grants = grants_of(&store);
    let world = World::new(&grants).await;
    let now = world.now;
    let [invalidated, reused, revoked, deleted] = [
        world.issued(&grants).await,
        world.redeemed(&grants).await,
        world.redeemed(&grants).await,
        world.issued(&grants).await,
    ];
    for n in 0..2 {
        world.rotated(&grants, reused, n, now).await;
    }
    told(&store, now).await;
    let mut wrong = world.redeem(invalidated);
    wrong.proof = super::world::proof(Some(super::world::REDIRECT_URI), None);
    redeem(&grants, &wrong, now).await;
    rotate(&grants, &world.rotate(reused, 0, now), now).await;
    super::world::end(&grants, &revoked, now).await;
    store.delete_all_codes(now).await.expect("returns");
    let ended = [
        (invalidated, EndCause::CodeInvalidated),
        (reused, EndCause::RefreshTokenReused),
        (revoked, EndCause::Revoked),
        (deleted, EndCause::DeletedByOperator),
    ]
    .map(|(id, cause)| {
        let event = Event::new(EventKind::GrantEnded, now).sub(&world.sub);
        let event = event.client(&world.client_id).about(id);
        event.cause(cause.as_str())
    });
    let all = Event::new(EventKind::CodesDeleted, now);
    let ended = ended.into_iter().chain([all]);
    assert_eq!(told(&store, now).await, expected(ended));
}

pub async fn endings_above_a_grant_are_told(store: Whole) {
    let grants = grants_of(&store);
    let world = World::new(&grants).await;
    let now = world.now;
    world.issued(&grants).await;
    told(&store, now).await;
    let (sub, client_id, id) = (&world.sub, &world.client_id, world.session.id);
    let at = now + 1;
    let of = |kind| Event::new(kind, at);

    let renewal = renewal(&world, 1);
    for _ in 0..2 {
        store.renew_session(&renewal, at).await.expect("returns");
    }
    let event = of(EventKind::SessionRenewed).sub(sub).about(id);
    assert_eq!(told(&store, now).await, expected([event]));
    let client_session = store.client_session(&id, client_id).await;
    let sid = client_session.expect("returns").expect("it is there").sid;
    for _ in 0..2 {
        let ended = store.end_client_session(&sid, at).await;
        ended.expect("returns");
    }
    let event = of(EventKind::ClientSessionEnded).sub(sub).client(client_id);
    assert_eq!(told(&store, now).await, expected([event.about(sid)]));
    let next = session(sub, world.user_epoch, now);
    let started = store.start_session(&next, Some(&id), at).await;
    started.expect("returns");
    let event = of(EventKind::SessionEnded).sub(sub).about(id);
    let another = of(EventKind::SessionStarted).sub(sub).about(next.id);
    assert_eq!(told(&store, now).await, expected([event, another]));
    for _ in 0..2 {
        store.end_session(&next.id, at).await.expect("returns");
    }
    let event = of(EventKind::SessionEnded).sub(sub).about(next.id);
    assert_eq!(told(&store, now).await, expected([event]));
    for _ in 0..2 {
        let withdrawn = store.withdraw_consent(sub, client_id, at).await;
        withdrawn.expect("returns");
    }
    let event = of(EventKind::ConsentWithdrawn).sub(sub).client(client_id);
    assert_eq!(told(&store, now).await, expected([event]));
    let disabled_by = epoch();
    let changes = [
        StandingChange::End { epoch: epoch() },
        StandingChange::Disable { epoch: disabled_by },
        StandingChange::Enable { disabled_by },
    ];
    for change in changes {
        // Repeated, it is the same act; to no one, it is none.
        for (sub, client_id) in [(sub.as_str(), client_id.as_str()); 2]
            .into_iter()
            .chain([("nobody", "nobody")])
        {
            let done = store.change_subject_standing(sub, &change, at).await;
            done.expect("returns");
            let done = store.change_client_standing(client_id, &change, at).await;
            done.expect("returns");
        }
        let user = of(change.of_user()).sub(sub);
        let client = of(change.of_client()).client(client_id);
        assert_eq!(told(&store, now).await, expected([user, client]));
    }
    for _ in 0..2 {
        store.delete_subject(sub, at).await.expect("returns");
    }
    let event = of(EventKind::UserEnded).sub(sub);
    assert_eq!(told(&store, now).await, expected([event]));
    store
        .deny_access_token(&guess(), at, at)
        .await
        .expect("returns");
    let denied = of(EventKind::AccessTokenDenied);
    assert_eq!(told(&store, now).await, expected([denied]));
}

pub async fn management_is_told(store: Whole) {
    let now = start();
    let at = now;
    let of = |kind| Event::new(kind, at);
    let mut root = account("root", None);
    root.user.administrator = true;
    let (sub, link) = (root.user.sub.as_str(), guess());
    let done = store.put_setup_link(&link, now + 60, at).await;
    done.expect("returns");
    let event = of(EventKind::SetupLinkCreated);
    assert_eq!(told(&store, now).await, expected([event]));
    for _ in 0..2 {
        let made = store.create_administrator(&link, &root, at).await;
        made.expect("returns");
    }
    let made = of(EventKind::UserCreated).sub(sub);
    let event = of(EventKind::AdministratorCreated).sub(sub);
    assert_eq!(told(&store, now).await, expected([made, event]));
    let alice = account("alice", None);
    for _ in 0..2 {
        store.create_user(&alice, at).await.expect("returns");
    }
    let sub = alice.user.sub.as_str();
    let event = of(EventKind::UserCreated).sub(sub);
    assert_eq!(told(&store, now).await, expected([event]));
    let act = UpdateUser {
        sub: sub.to_owned(),
        administrator: Some(true),
        ..UpdateUser::default()
    };
    // The second time nothing changes.
    for _ in 0..2 {
        store.update_user(&act, at).await.expect("returns");
    }
    let changed = [EventKind::UserUpdated, EventKind::AdministratorGranted];
    let changed = changed.map(|kind| of(kind).sub(sub));
    assert_eq!(told(&store, now).await, expected(changed));
    for sub in [sub, "nobody"] {
        let done = store.set_password(sub, "hash", at).await;
        done.expect("returns");
        store.delete_user(sub, at).await.expect("returns");
    }
    let events = [EventKind::PasswordChanged, EventKind::UserDeleted];
    let events = events.map(|kind| of(kind).sub(sub));
    assert_eq!(told(&store, now).await, expected(events));

    let mut new = client(&name("client"));
    new.created_at = at;
    let id = new.client_id.as_str();
    for _ in 0..2 {
        store.create_client(&new).await.expect("returns");
    }
    let read = store.client(id).await.expect("returns");
    let revision = read.expect("it is there").revision;
    for id in [id, "nobody"] {
        let act = UpdateClient {
            client_id: id.to_owned(),
            revision,
            metadata: Some("{}".to_owned()),
            secrets: None,
            owner: None,
        };
        // The second time it has changed meanwhile.
        for _ in 0..2 {
            store.update_client(&act, at).await.expect("returns");
        }
        store.delete_client(id, at).await.expect("returns");
    }
    let events = [
        EventKind::ClientCreated,
        EventKind::ClientUpdated,
        EventKind::ClientDeleted,
    ];
    let events = events.map(|kind| of(kind).client(id));
    assert_eq!(told(&store, now).await, expected(events));

    let key = |kid: &str| SigningKeyRecord {
        kid: kid.to_owned(),
        thumbprint: kid.to_owned(),
        alg: "ES256".to_owned(),
        sealed: vec![1],
        created_at: now,
        state: KeyState::Standby,
    };
    for _ in 0..2 {
        let added = store.add_first_signing_key(&key("first"), at).await;
        added.expect("returns");
        let rotate = ChangeKeys::Rotate {
            alg: "ES256".to_owned(),
            signing: Some("first".to_owned()),
            successor: Some(key("second")),
            standby: None,
            notice_seconds: 0,
        };
        let rotated = store.change_signing_keys(&rotate, at).await;
        rotated.expect("returns");
    }
    let revoke = ChangeKeys::Revoke {
        kid: "second".to_owned(),
        fresh: key("third"),
        notice_seconds: 0,
    };
    let delete = |kid: &str| ChangeKeys::Delete {
        kid: kid.to_owned(),
    };
    for act in [revoke.clone(), revoke, delete("first"), delete("third")] {
        store.change_signing_keys(&act, at).await.expect("returns");
    }
    let events = [
        of(EventKind::SigningKeyAdded).about("first"),
        of(EventKind::SigningKeyAdded).about("second"),
        of(EventKind::SigningKeyRotated).about("second"),
        of(EventKind::SigningKeyRevoked).about("second"),
        of(EventKind::SigningKeyAdded).about("third"),
        of(EventKind::SigningKeyDeleted).about("first"),
    ];
    assert_eq!(told(&store, now).await, expected(events));
}

pub async fn what_is_no_change_of_state_is_not_told(store: Whole) {
    let grants = grants_of(&store);
    let world = World::new(&grants).await;
    let now = world.now;
    let alice = account("alice", None);
    create(&store, &alice).await;
    told(&store, now).await;
    let counts = [Count {
        key: CounterKey::new("suite", &[]),
        limit: Limit {
            attempts: 1,
            window_seconds: 60,
        },
    }];
    for _ in 0..2 {
        let attempt = store.count_attempts(&counts, now).await;
        attempt.expect("returns");
    }
    let (client_id, epoch) = (world.client_id.clone(), world.client_epoch);
    let token = NewAccessToken {
        hash: guess(),
        id: super::world::unknown_grant(),
        holder: NewHolder::Client { client_id, epoch },
        scope: None,
        audience: Vec::new(),
        expires_at: now + 60,
    };
    store
        .insert_access_token(&token, now)
        .await
        .expect("returns");
    let (sub, old) = (&alice.user.sub, alice.password_hash.as_deref());
    let better = store.upgrade_password_hash(sub, old.unwrap_or(""), "better", now);
    assert!(better.await.expect("returns"));
    assert_eq!(told(&store, now).await, expected([]));
}

pub async fn a_claim_is_one_claimants_until_it_runs_out(store: Whole) {
    let now = start();
    for _ in 0..3 {
        let created = store.create_client(&client(&name("client"))).await;
        assert!(created.expect("returns"));
    }
    let claim = async |limit, at| {
        let claimed = store.claim_events(limit, at + 60, at).await;
        claimed.expect("returns")
    };
    let first = claim(2, now).await;
    let second = claim(2, now).await;
    assert_eq!((first.len(), second.len()), (2, 1));
    assert_eq!(claim(2, now + 59).await, []);
    let delivered = [first[0].id];
    store.finish_events(&delivered, now).await.expect("returns");
    store.finish_events(&delivered, now).await.expect("returns");
    store
        .finish_events(&[i64::MAX], now)
        .await
        .expect("returns");
    let again = claim(10, now + 60).await;
    let again: BTreeSet<i64> = again.iter().map(|event| event.id).collect();
    let left = BTreeSet::from([first[1].id, second[0].id]);
    assert_eq!(again, left, "what was delivered is not claimed again");
}

pub async fn no_event_is_claimed_by_two(store: Whole) {
    let now = start();
    for _ in 0..100 {
        let created = store.create_client(&client(&name("client"))).await;
        assert!(created.expect("returns"));
    }
    let claims = race(|_| {
        let store = Arc::clone(&store);
        async move {
            let claimed = store.claim_events(3, now + 60, now).await;
            claimed.expect("returns")
        }
    })
    .await;
    let ids: Vec<i64> = claims.iter().flatten().map(|event| event.id).collect();
    let different: BTreeSet<i64> = ids.iter().copied().collect();
    assert_eq!(ids.len(), different.len());
    assert_eq!(different.len(), 100, "64 times three is enough for all");
}
