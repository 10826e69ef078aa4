//! Personal tokens: what a user may have, what ends one, and what is remembered of it.

use std::sync::Arc;

use super::access_tokens::opaque;
use super::housekeeping::{collect, late_enough, too_early};
use super::races::race;
use super::world::{
    Grants, SCOPE, World, change_client, change_user, end, endings, epoch, guess, name,
    unknown_grant, view,
};
use super::{Whole, grants_of};
use crate::consents::ConsentStep;
use crate::grants::{
    Authorization, EndCause, GrantView, Holder, NewGrant, Origin, Parents, PersonalToken,
    TokenState, WhatEnded,
};
use crate::personal_tokens::{
    ChangeKind, ChangedBy, CreatePersonalToken, CreatePersonalTokenOutcome, RevokePersonalToken,
    RevokePersonalTokenOutcome, StoredChange, UpdatePersonalToken, UpdatePersonalTokenOutcome,
    WantedChanges,
};
use crate::{GrantId, SecretHash};

const LIFETIME_SECONDS: i64 = 86_400;
const KEPT_SECONDS: i64 = 365 * 86_400;
const MAX: u32 = 3;

fn by(world: &World) -> ChangedBy {
    ChangedBy {
        actor: "user".to_owned(),
        address: Some("192.0.2.7".to_owned()),
        keep_until: world.now + KEPT_SECONDS,
    }
}

fn creation(world: &World, name: &str) -> CreatePersonalToken {
    CreatePersonalToken {
        grant: NewGrant {
            id: unknown_grant(),
            client_id: world.client_id.clone(),
            sub: world.sub.clone(),
            scope: SCOPE.to_owned(),
            parents: Parents {
                user: world.user_epoch,
                client: world.client_epoch,
                consent: epoch(),
                session: None,
            },
            authorization: Authorization {
                auth_time: world.now,
                resources: vec!["https://api.example/a".to_owned()],
                ..Authorization::default()
            },
            refreshable: false,
            created_at: world.now,
            expires_at: world.now + LIFETIME_SECONDS,
        },
        name: name.to_owned(),
        token: guess(),
        consent: ConsentStep::Record {
            scope: SCOPE.to_owned(),
            given_to: String::new(),
            proposed_epoch: epoch(),
        },
        max_per_user: MAX,
        by: by(world),
    }
}

fn update(world: &World, id: GrantId, name: Option<&str>, end: Option<i64>) -> UpdatePersonalToken {
    UpdatePersonalToken {
        id,
        sub: world.sub.clone(),
        name: name.map(str::to_owned),
        expires_at: end,
        by: by(world),
    }
}

fn revocation(world: &World, id: GrantId) -> RevokePersonalToken {
    RevokePersonalToken {
        id,
        sub: world.sub.clone(),
        cause: EndCause::RevokedByUser,
        by: by(world),
    }
}

async fn begin(store: &Whole) -> (Grants, World) {
    let grants = grants_of(store);
    let world = World::new(&grants).await;
    (grants, world)
}

async fn create(store: &Whole, act: &CreatePersonalToken) -> CreatePersonalTokenOutcome {
    let now = act.grant.created_at;
    store
        .create_personal_token(act, now)
        .await
        .expect("returns")
}

async fn created(store: &Whole, world: &World, name: &str) -> CreatePersonalToken {
    let act = creation(world, name);
    let outcome = create(store, &act).await;
    assert_eq!(outcome, CreatePersonalTokenOutcome::Created);
    act
}

async fn change(store: &Whole, act: &UpdatePersonalToken, at: i64) -> UpdatePersonalTokenOutcome {
    store.update_personal_token(act, at).await.expect("returns")
}

async fn revoke(store: &Whole, act: &RevokePersonalToken, at: i64) -> RevokePersonalTokenOutcome {
    store.revoke_personal_token(act, at).await.expect("returns")
}

async fn tokens(store: &Whole, world: &World) -> Vec<GrantView> {
    let found = store.personal_tokens_of(&world.sub).await;
    found.expect("returns")
}

async fn history(store: &Whole, wanted: &WantedChanges, limit: u32) -> Vec<StoredChange> {
    let found = store.personal_token_changes(wanted, limit).await;
    found.expect("returns")
}

fn of(world: &World) -> WantedChanges {
    WantedChanges {
        sub: Some(world.sub.clone()),
        ..WantedChanges::default()
    }
}

async fn check(store: &Grants, id: GrantId, token: SecretHash, at: i64) -> TokenState {
    let state = store.check_access_token(&opaque(id, token), at).await;
    state.expect("returns")
}

async fn is_accepted(store: &Grants, act: &CreatePersonalToken, at: i64) -> bool {
    let state = check(store, act.grant.id, act.token, at).await;
    matches!(state, TokenState::Active(_))
}

pub async fn a_personal_token_reads_back_and_is_accepted_until_its_end(store: Whole) {
    let (grants, world) = begin(&store).await;
    world.redeemed(&grants).await;
    let act = created(&store, &world, "ci \u{1f680} \"quoted\"").await;
    let [found] = &tokens(&store, &world).await[..] else {
        panic!("one token, and no other grant of the user");
    };
    let expected = Origin::Personal(PersonalToken {
        name: act.name.clone(),
        token: act.token,
    });
    assert_eq!(
        (found.grant.id, &found.grant.origin),
        (act.grant.id, &expected)
    );
    assert_eq!(found.what_ended, None);
    let consent = store.consent(&world.sub, &world.client_id).await;
    let consent = consent.expect("returns").expect("recorded");
    assert_eq!(found.grant.parents.consent, consent.epoch);
    let expires_at = act.grant.expires_at;
    let state = check(&grants, act.grant.id, act.token, expires_at - 1).await;
    let TokenState::Active(active) = state else {
        panic!("{state:?}");
    };
    assert_eq!(active.holder, Holder::Grant(found.grant.clone()));
    let row = active.row.expect("a row");
    assert_eq!((row.scope.as_str(), row.expires_at), (SCOPE, expires_at));
    assert_eq!(row.audience, act.grant.authorization.resources);
    let late = check(&grants, act.grant.id, act.token, expires_at).await;
    assert_eq!(
        late,
        TokenState::Expired {
            expired_at: expires_at
        }
    );
    let wrong = check(&grants, act.grant.id, guess(), world.now).await;
    assert_eq!(wrong, TokenState::Unknown);
    let [stored] = &history(&store, &of(&world), 10).await[..] else {
        panic!("one change");
    };
    let change = &stored.change;
    assert_eq!((change.kind, change.at), (ChangeKind::Created, world.now));
    assert_eq!((change.token, &change.sub), (act.grant.id, &world.sub));
    assert_eq!((&change.name, change.scope.as_str()), (&act.name, SCOPE));
    assert_eq!((change.expires_at, &change.by), (expires_at, &act.by));
    assert_eq!((&change.old_name, change.old_expires_at), (&None, None));
}

pub async fn a_users_tokens_have_names_of_their_own_and_a_limit(store: Whole) {
    let (grants, world) = begin(&store).await;
    let neighbour = world.neighbour(&grants).await;
    let first = created(&store, &world, "one").await;
    let again = create(&store, &creation(&world, "one")).await;
    assert_eq!(again, CreatePersonalTokenOutcome::NameTaken);
    created(&store, &neighbour, "one").await;
    created(&store, &world, "two").await;
    created(&store, &world, "three").await;
    let fourth = create(&store, &creation(&world, "four")).await;
    assert_eq!(fourth, CreatePersonalTokenOutcome::TooMany);
    assert_eq!(tokens(&store, &world).await.len(), 3);
    assert_eq!(history(&store, &of(&world), 10).await.len(), 3);
    // One that has ended counts no more, and neither does one that has expired.
    revoke(&store, &revocation(&world, first.grant.id), world.now).await;
    created(&store, &world, "one").await;
    let mut late = creation(&world, "two");
    late.grant.created_at = world.now + LIFETIME_SECONDS;
    late.grant.expires_at = late.grant.created_at + LIFETIME_SECONDS;
    assert_eq!(
        create(&store, &late).await,
        CreatePersonalTokenOutcome::Created
    );
}

pub async fn an_update_moves_name_and_end_of_a_token(store: Whole) {
    let (grants, world) = begin(&store).await;
    let act = created(&store, &world, "one").await;
    created(&store, &world, "two").await;
    let (id, now) = (act.grant.id, world.now + 60);
    let later = act.grant.expires_at + LIFETIME_SECONDS;
    let outcome = change(&store, &update(&world, id, Some("ci"), Some(later)), now).await;
    let UpdatePersonalTokenOutcome::Updated(grant) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(view(&grants, &id).await.grant, *grant);
    assert!(is_accepted(&grants, &act, later - 1).await);
    assert!(!is_accepted(&grants, &act, later).await);
    let earlier = now + 300;
    let outcome = change(&store, &update(&world, id, None, Some(earlier)), now).await;
    assert!(matches!(outcome, UpdatePersonalTokenOutcome::Updated(_)));
    assert!(!is_accepted(&grants, &act, earlier).await);
    let taken = change(&store, &update(&world, id, Some("two"), None), now).await;
    assert_eq!(taken, UpdatePersonalTokenOutcome::NameTaken);
    let own = change(&store, &update(&world, id, Some("ci"), None), now).await;
    assert!(
        matches!(own, UpdatePersonalTokenOutcome::Updated(_)),
        "its own name is free"
    );
    let over = change(&store, &update(&world, id, None, Some(later)), earlier).await;
    assert_eq!(over, UpdatePersonalTokenOutcome::Over);
    let changes = history(&store, &of(&world), 10).await;
    let first = &changes[changes.len() - 3].change;
    assert_eq!((first.kind, first.at), (ChangeKind::Updated, now));
    assert_eq!(first.old_name.as_deref(), Some("one"));
    assert_eq!((first.name.as_str(), first.expires_at), ("ci", later));
    assert_eq!(first.old_expires_at, Some(act.grant.expires_at));
    let second = &changes[changes.len() - 4].change;
    assert_eq!(
        (&second.old_name, second.old_expires_at),
        (&None, Some(later))
    );

    let act = created(&store, &world, "kept").await;
    change(
        &store,
        &update(&world, act.grant.id, None, Some(later)),
        now,
    )
    .await;
    collect(&store, late_enough(act.grant.expires_at)).await;
    assert!(
        is_accepted(&grants, &act, later - 1).await,
        "row and grant are kept"
    );
}

pub async fn no_one_changes_another_users_token(store: Whole) {
    let (grants, world) = begin(&store).await;
    let neighbour = world.neighbour(&grants).await;
    let act = created(&store, &world, "one").await;
    let code = world.redeemed(&grants).await;
    for (whose, id) in [
        (&neighbour, act.grant.id),
        (&world, unknown_grant()),
        (&world, code),
    ] {
        let outcome = change(&store, &update(whose, id, Some("x"), None), world.now).await;
        assert_eq!(outcome, UpdatePersonalTokenOutcome::Unknown);
        let outcome = revoke(&store, &revocation(whose, id), world.now).await;
        assert_eq!(outcome, RevokePersonalTokenOutcome::Unknown);
    }
    assert!(is_accepted(&grants, &act, world.now).await);
    assert_eq!(view(&grants, &code).await.what_ended, None);
    assert_eq!(history(&store, &of(&world), 10).await.len(), 1);
}

pub async fn a_revoked_token_ends_once_with_all_that_was_issued_under_it(store: Whole) {
    let (grants, world) = begin(&store).await;
    let act = created(&store, &world, "one").await;
    let id = act.grant.id;
    let child = super::access_tokens::keep(&grants, id, world.now).await;
    assert!(matches!(
        check(&grants, id, child, world.now).await,
        TokenState::Active(_)
    ));
    let outcome = revoke(&store, &revocation(&world, id), world.now).await;
    assert!(matches!(outcome, RevokePersonalTokenOutcome::Revoked(_)));
    let ended = TokenState::Ended(WhatEnded::Grant(EndCause::RevokedByUser));
    for token in [act.token, child] {
        assert_eq!(check(&grants, id, token, world.now).await, ended);
    }
    let again = revoke(&store, &revocation(&world, id), world.now).await;
    assert_eq!(again, RevokePersonalTokenOutcome::AlreadyEnded);
    let over = change(&store, &update(&world, id, Some("two"), None), world.now).await;
    assert_eq!(over, UpdatePersonalTokenOutcome::Over);
    let kinds: Vec<_> = history(&store, &of(&world), 10).await;
    let kinds: Vec<_> = kinds.iter().map(|stored| stored.change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Revoked, ChangeKind::Created]);
}

pub async fn a_personal_token_ends_with_its_user_and_not_with_a_session(store: Whole) {
    for ending in endings() {
        let (grants, world) = begin(&store).await;
        let act = created(&store, &world, "one").await;
        let ended = store.end_session(&world.session.id, world.now).await;
        ended.expect("returns");
        assert!(is_accepted(&grants, &act, world.now).await);
        change_user(&grants, &world.sub, ending, world.now).await;
        let state = check(&grants, act.grant.id, act.token, world.now).await;
        assert_eq!(state, TokenState::Ended(WhatEnded::User));
    }
    for ending in endings() {
        let (grants, world) = begin(&store).await;
        let act = created(&store, &world, "one").await;
        change_client(&grants, &world.client_id, ending, world.now).await;
        let state = check(&grants, act.grant.id, act.token, world.now).await;
        assert_eq!(state, TokenState::Ended(WhatEnded::Client));
    }
    let (grants, world) = begin(&store).await;
    let act = created(&store, &world, "one").await;
    end(&grants, &act.grant.id, world.now).await;
    assert!(!is_accepted(&grants, &act, world.now).await);
}

pub async fn a_history_is_read_in_pages_and_collected_an_hour_after_its_end(store: Whole) {
    let (_, world) = begin(&store).await;
    let first = created(&store, &world, "one").await;
    let second = created(&store, &world, "two").await;
    revoke(&store, &revocation(&world, first.grant.id), world.now).await;
    let all = history(&store, &of(&world), 10).await;
    assert_eq!(all.len(), 3);
    assert!(all.windows(2).all(|pair| pair[0].id > pair[1].id));
    let mut wanted = of(&world);
    let mut paged = Vec::new();
    loop {
        let page = history(&store, &wanted, 2).await;
        let Some(last) = page.last() else {
            break;
        };
        wanted.before = Some(last.id);
        paged.extend(page);
    }
    assert_eq!(paged, all);
    let of_one = WantedChanges {
        token: Some(second.grant.id),
        ..WantedChanges::default()
    };
    assert_eq!(history(&store, &of_one, 10).await.len(), 1);
    let nobody = WantedChanges {
        sub: Some(name("nobody")),
        ..WantedChanges::default()
    };
    assert_eq!(history(&store, &nobody, 10).await, []);
    let end = world.now + KEPT_SECONDS;
    collect(&store, too_early(end)).await;
    assert_eq!(history(&store, &of(&world), 10).await, all);
    collect(&store, late_enough(end)).await;
    assert_eq!(history(&store, &of(&world), 10).await, []);
}

pub async fn of_64_tokens_made_at_once_no_more_than_the_limit_are(store: Whole) {
    let (_, world) = begin(&store).await;
    let world = Arc::new(world);
    let outcomes = race(|_| {
        let (store, world) = (Arc::clone(&store), Arc::clone(&world));
        async move { create(&store, &creation(&world, &name("token"))).await }
    })
    .await;
    let made = CreatePersonalTokenOutcome::Created;
    let made = outcomes.iter().filter(|outcome| **outcome == made).count();
    assert_eq!(made, MAX as usize);
    assert_eq!(tokens(&store, &world).await.len(), MAX as usize);
}

pub async fn of_64_revocations_one_revokes(store: Whole) {
    let (_, world) = begin(&store).await;
    let act = created(&store, &world, "one").await;
    let world = Arc::new(world);
    let id = act.grant.id;
    let outcomes = race(|_| {
        let (store, world) = (Arc::clone(&store), Arc::clone(&world));
        async move { revoke(&store, &revocation(&world, id), world.now).await }
    })
    .await;
    let revoked = |outcome: &&RevokePersonalTokenOutcome| {
        matches!(outcome, RevokePersonalTokenOutcome::Revoked(_))
    };
    assert_eq!(outcomes.iter().filter(revoked).count(), 1);
    assert_eq!(history(&store, &of(&world), 100).await.len(), 2);
}
