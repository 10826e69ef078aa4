//! Device requests: who may poll and how often, whose answer counts, and what an approval writes
//! (RFC 8628).

use super::events::{expected, told};
use super::housekeeping::{collect, late_enough, too_early};
use super::world::{
    FORM_SECONDS, Grants, SCOPE, World, change_client, code_of, end, endings, epoch, guess, hash,
    redeem, unknown_grant, view,
};
use super::{Whole, grants_of};
use crate::consents::{ConsentBasis, ConsentStep};
use crate::device_requests::{
    Answer, AnswerOutcome, ApproveDeviceRequest, DenyDeviceRequest, DeviceRequest,
    NewDeviceRequest, PollDeviceRequest, PollOutcome, RequestedFrom,
};
use crate::events::{Event, EventKind};
use crate::grants::{EndCause, Origin, Proof, Redeem, RedeemOutcome, WhatEnded};
use crate::{GrantId, SecretHash};

const LIFETIME_SECONDS: i64 = 600;
pub(super) const INTERVAL_SECONDS: i64 = 5;

pub async fn a_device_request_reads_back_as_it_was_written(store: Whole) {
    let (_, world) = begin(&store).await;
    let mut bare = world.device_request();
    assert_eq!(found(&store, &bare.id).await, None);
    bare.requested_from = RequestedFrom::default();
    create(&store, &bare, &world).await;
    let from = request(&store, &bare.id).await.requested_from;
    assert_eq!(from, RequestedFrom::default());

    let new = world.device_request();
    create(&store, &new, &world).await;
    let request = request(&store, &new.id).await;
    let expected = DeviceRequest {
        id: new.id,
        client_id: world.client_id.clone(),
        client_epoch: world.client_epoch,
        resources: new.resources.clone(),
        scope: SCOPE.to_owned(),
        device_code: device_code(&new.id),
        user_code: new.user_code,
        requested_from: new.requested_from.clone(),
        answer: Answer::Pending,
        interval_seconds: INTERVAL_SECONDS,
        polled_at: None,
        created_at: world.now,
        expires_at: new.expires_at,
        keep_until: new.keep_until,
        written_by: request.written_by,
    };
    assert_eq!(request, expected);
    let by_code = store.device_request_with_user_code(&new.user_code).await;
    assert_eq!(by_code.expect("returns"), Some(expected));
}

pub async fn a_user_code_is_one_requests_while_that_is_kept(store: Whole) {
    let (_, world) = begin(&store).await;
    let first = world.device_request();
    create(&store, &first, &world).await;
    let mut second = world.device_request();
    second.user_code = first.user_code;
    let late = first.keep_until;
    let created = store.create_device_request(&second, late).await;
    assert!(!created.expect("returns"));
    assert_eq!(found(&store, &second.id).await, None);
    collect(&store, late_enough(late)).await;
    let created = store.create_device_request(&second, late).await;
    assert!(created.expect("returns"));
}

pub async fn a_device_that_polls_too_early_has_to_wait_longer(store: Whole) {
    let (_, world) = begin(&store).await;
    let id = requested(&store, &world).await;
    let now = world.now;
    // RFC 8628, section 3.5: slow_down, and "the interval MUST be increased by 5 seconds for this
    // and all subsequent requests".
    let slow_down = |interval_seconds| PollOutcome::SlowDown { interval_seconds };
    for (at, expected) in [
        (0, PollOutcome::Pending),
        (5, PollOutcome::Pending),
        (9, slow_down(10)),
        (14, slow_down(15)), // soon enough for the first interval only
        (29, PollOutcome::Pending),
        (43, slow_down(20)),
        (63, PollOutcome::Pending),
    ] {
        assert_eq!(poll(&store, &world, id, now + at).await, expected, "{at}");
    }
    let request = request(&store, &id).await;
    assert_eq!(
        (request.interval_seconds, request.polled_at),
        (20, Some(now + 63))
    );
}

pub async fn a_poll_with_a_wrong_secret_or_by_another_client_changes_nothing(store: Whole) {
    let (grants, world) = begin(&store).await;
    let id = requested(&store, &world).await;
    let before = request(&store, &id).await;
    let stranger = World::new(&grants).await;
    let foreign = poll(&store, &stranger, id, world.now).await;
    assert_eq!(foreign, PollOutcome::ForeignClient);
    let mut act = world.poll(id);
    act.presented = guess();
    for client_id in [&world.client_id, &stranger.client_id] {
        act.client_id.clone_from(client_id);
        let outcome = store.poll_device_request(&act, world.now).await;
        assert_eq!(outcome.expect("returns"), PollOutcome::Unknown);
    }
    let unknown = poll(&store, &world, unknown_grant(), world.now).await;
    assert_eq!(unknown, PollOutcome::Unknown);
    assert_eq!(request(&store, &id).await, before);
}

pub async fn a_device_request_is_good_strictly_before_its_end(store: Whole) {
    let (_, world) = begin(&store).await;
    let expired_at = world.now + LIFETIME_SECONDS;
    let id = requested(&store, &world).await;
    let late = poll(&store, &world, id, expired_at).await;
    assert_eq!(late, PollOutcome::Expired { expired_at });
    let expired = AnswerOutcome::Expired { expired_at };
    assert_eq!(approve(&store, &world, id, expired_at).await, expired);
    assert_eq!(deny(&store, &world, id, expired_at).await, expired);
    assert_eq!(store.grant(&id).await.expect("returns"), None);
    let in_time = approve(&store, &world, id, expired_at - 1).await;
    assert_eq!(in_time, AnswerOutcome::Taken);
    // The code of an approved request is no longer good than the request.
    let outcome = redeem(&grants_of(&store), &world.redeem_device(id), expired_at).await;
    assert_eq!(outcome, RedeemOutcome::Expired { expired_at });
}

pub async fn an_approval_writes_a_grant_under_the_consent(store: Whole) {
    let (grants, world) = begin(&store).await;
    let id = requested(&store, &world).await;
    let not_yet = redeem(&grants, &world.redeem_device(id), world.now).await;
    assert_eq!(not_yet, RedeemOutcome::Unknown);
    assert_eq!(
        approve(&store, &world, id, world.now).await,
        AnswerOutcome::Taken
    );
    let answer = request(&store, &id).await.answer;
    let Answer::Approved(answered) = &answer else {
        panic!("{answer:?}");
    };
    assert_eq!((&answered.sub, answered.at), (&world.sub, world.now));
    let consent = store.consent(&world.sub, &world.client_id).await;
    let consent = consent.expect("returns").expect("recorded");
    assert_eq!(
        (consent.basis, consent.scope.as_str()),
        (ConsentBasis::User, SCOPE)
    );
    let written = view(&grants, &id).await;
    assert_eq!(written.what_ended, None);
    assert_eq!(written.grant.parents.consent, consent.epoch);
    assert_eq!(written.grant.parents.session, None);
    assert!(matches!(written.grant.origin, Origin::Device { .. }));
    assert_eq!(code_of(&written).expires_at, world.now + LIFETIME_SECONDS);

    assert_eq!(
        poll(&store, &world, id, world.now).await,
        PollOutcome::Approved
    );
    let outcome = redeem(&grants, &world.redeem_device(id), world.now).await;
    let RedeemOutcome::Redeemed(grant) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(grant.refresh.is_some());
    // It is the user's and not the session's, as an offline grant is.
    let ended = store.end_session(&world.session.id, world.now).await;
    ended.expect("returns");
    assert_eq!(view(&grants, &id).await.what_ended, None);
    let replayed = redeem(&grants, &world.redeem_device(id), world.now).await;
    assert_eq!(replayed, RedeemOutcome::Replayed { used_at: world.now });
    let what_ended = WhatEnded::Grant(EndCause::CodeReplayed);
    assert_eq!(view(&grants, &id).await.what_ended, Some(what_ended));
}

pub async fn a_device_code_is_no_code_and_no_other_clients(store: Whole) {
    let (grants, world) = begin(&store).await;
    let id = requested(&store, &world).await;
    approve(&store, &world, id, world.now).await;
    let before = view(&grants, &id).await;
    let mut as_code = world.redeem(id);
    as_code.presented = device_code(&id);
    let outcome = redeem(&grants, &as_code, world.now).await;
    assert_eq!(outcome, RedeemOutcome::Unknown);
    let stranger = World::new(&grants).await;
    let outcome = redeem(&grants, &stranger.redeem_device(id), world.now).await;
    assert_eq!(outcome, RedeemOutcome::ForeignClient);
    assert_eq!(view(&grants, &id).await, before);

    let code = world.issued(&grants).await;
    let mut as_device_code = world.redeem(code);
    as_device_code.proof = Proof::DeviceCode;
    let outcome = redeem(&grants, &as_device_code, world.now).await;
    assert_eq!(outcome, RedeemOutcome::Unknown, "that would skip PKCE");
}

pub async fn a_device_request_is_answered_once(store: Whole) {
    let (grants, world) = begin(&store).await;
    let neighbour = world.neighbour(&grants).await;
    let now = world.now;
    let approved = requested(&store, &world).await;
    assert_eq!(
        approve(&store, &world, approved, now).await,
        AnswerOutcome::Taken
    );
    let denied = requested(&store, &world).await;
    assert_eq!(
        deny(&store, &world, denied, now).await,
        AnswerOutcome::Taken
    );
    let grant = view(&grants, &approved).await;

    let late = now + LIFETIME_SECONDS;
    let before = AnswerOutcome::AnsweredBefore;
    assert_eq!(
        approve(&store, &world, approved, late).await,
        AnswerOutcome::Repeated
    );
    assert_eq!(
        deny(&store, &world, denied, late).await,
        AnswerOutcome::Repeated
    );
    assert_eq!(approve(&store, &world, denied, now).await, before);
    assert_eq!(deny(&store, &world, approved, now).await, before);
    assert_eq!(approve(&store, &neighbour, approved, now).await, before);
    assert_eq!(deny(&store, &neighbour, denied, now).await, before);
    assert_eq!(view(&grants, &approved).await, grant, "nothing changed");
    assert_eq!(store.grant(&denied).await.expect("returns"), None);
    assert_eq!(
        poll(&store, &world, denied, late).await,
        PollOutcome::Denied
    );
    let unknown = approve(&store, &world, unknown_grant(), now).await;
    assert_eq!(unknown, AnswerOutcome::Unknown);
    assert_eq!(
        deny(&store, &world, unknown_grant(), now).await,
        AnswerOutcome::Unknown
    );
}

pub async fn a_request_ends_with_everything_of_its_client(store: Whole) {
    for change in endings() {
        let (grants, mut world) = begin(&store).await;
        let id = requested(&store, &world).await;
        change_client(&grants, &world.client_id, change, world.now).await;
        let client = store.client(&world.client_id).await.expect("returns");
        world.client_epoch = client.expect("it is there").epoch;
        let polled = poll(&store, &world, id, world.now).await;
        assert_eq!(polled, PollOutcome::ClientEnded);
        let approved = approve(&store, &world, id, world.now).await;
        assert_eq!(approved, AnswerOutcome::Unknown);
        assert_eq!(store.grant(&id).await.expect("returns"), None);
    }
}

pub async fn the_acts_on_a_device_request_are_told_and_polls_are_not(store: Whole) {
    let (_, world) = begin(&store).await;
    let now = world.now;
    told(&store, now).await;
    let approved = requested(&store, &world).await;
    let denied = requested(&store, &world).await;
    let of = |kind, id| Event::new(kind, now).client(&world.client_id).about(id);
    let requests = [approved, denied].map(|id| of(EventKind::DeviceRequested, id));
    assert_eq!(told(&store, now).await, expected(requests));
    poll(&store, &world, approved, now).await;
    poll(&store, &world, approved, now).await;
    assert_eq!(told(&store, now).await, expected([]));
    for _ in 0..2 {
        approve(&store, &world, approved, now).await;
        deny(&store, &world, denied, now).await;
    }
    let consent = Event::new(EventKind::ConsentRecorded, now);
    let answers = [
        of(EventKind::DeviceRequestApproved, approved).sub(&world.sub),
        of(EventKind::DeviceRequestDenied, denied).sub(&world.sub),
        consent.sub(&world.sub).client(&world.client_id),
    ];
    assert_eq!(told(&store, now).await, expected(answers));
}

pub async fn a_device_request_is_kept_as_long_as_a_form_may_name_it(store: Whole) {
    let (grants, world) = begin(&store).await;
    let new = world.device_request();
    let id = new.id;
    create(&store, &new, &world).await;
    approve(&store, &world, id, world.now).await;
    end(&grants, &id, world.now).await;
    collect(&store, too_early(new.keep_until)).await;
    let again = approve(&store, &world, id, new.keep_until).await;
    assert_eq!(again, AnswerOutcome::Repeated);
    let ended = WhatEnded::Grant(EndCause::Revoked);
    assert_eq!(view(&grants, &id).await.what_ended, Some(ended));
    assert!(collect(&store, late_enough(new.keep_until)).await >= 2);
    assert_eq!(found(&store, &id).await, None);
    assert_eq!(store.grant(&id).await.expect("returns"), None);
    let again = approve(&store, &world, id, new.keep_until).await;
    assert_eq!(again, AnswerOutcome::Unknown);
}

impl World {
    /// A request of its own, of this world's client.
    pub(super) fn device_request(&self) -> NewDeviceRequest {
        let id = unknown_grant();
        NewDeviceRequest {
            id,
            client_id: self.client_id.clone(),
            client_epoch: self.client_epoch,
            resources: vec!["https://api.example/a".to_owned()],
            scope: SCOPE.to_owned(),
            device_code: device_code(&id),
            user_code: guess(),
            requested_from: RequestedFrom {
                address: Some("2001:db8::1".to_owned()),
                user_agent: Some("téléviseur/1.0 \"é\"".to_owned()),
            },
            interval_seconds: INTERVAL_SECONDS,
            expires_at: self.now + LIFETIME_SECONDS,
            keep_until: self.now + LIFETIME_SECONDS + FORM_SECONDS,
        }
    }

    fn poll(&self, id: GrantId) -> PollDeviceRequest {
        PollDeviceRequest {
            id,
            presented: device_code(&id),
            client_id: self.client_id.clone(),
            client_epoch: self.client_epoch,
        }
    }

    pub(super) fn approval(&self, id: GrantId) -> ApproveDeviceRequest {
        let mut grant = self.issue_offline().grant;
        grant.id = id;
        grant.authorization.sid = None;
        ApproveDeviceRequest {
            grant,
            consent: ConsentStep::Record {
                scope: SCOPE.to_owned(),
                given_to: String::new(),
                proposed_epoch: epoch(),
            },
        }
    }

    pub(super) fn redeem_device(&self, id: GrantId) -> Redeem {
        Redeem {
            presented: device_code(&id),
            proof: Proof::DeviceCode,
            ..self.redeem(id)
        }
    }
}

pub(super) async fn begin(store: &Whole) -> (Grants, World) {
    let grants = grants_of(store);
    let world = World::new(&grants).await;
    (grants, world)
}

pub(super) async fn requested(store: &Whole, world: &World) -> GrantId {
    let new = world.device_request();
    create(store, &new, world).await;
    new.id
}

async fn create(store: &Whole, new: &NewDeviceRequest, world: &World) {
    let created = store.create_device_request(new, world.now).await;
    assert!(created.expect("returns"));
}

pub(super) async fn poll(store: &Whole, world: &World, id: GrantId, now: i64) -> PollOutcome {
    let outcome = store.poll_device_request(&world.poll(id), now).await;
    outcome.expect("returns")
}

pub(super) async fn approve(store: &Whole, world: &World, id: GrantId, now: i64) -> AnswerOutcome {
    let outcome = store.approve_device_request(&world.approval(id), now).await;
    outcome.expect("returns")
}

pub(super) async fn deny(store: &Whole, world: &World, id: GrantId, now: i64) -> AnswerOutcome {
    let act = DenyDeviceRequest {
        id,
        sub: world.sub.clone(),
    };
    let outcome = store.deny_device_request(&act, now).await;
    outcome.expect("returns")
}

async fn found(store: &Whole, id: &GrantId) -> Option<DeviceRequest> {
    store.device_request(id).await.expect("returns")
}

pub(super) async fn request(store: &Whole, id: &GrantId) -> DeviceRequest {
    found(store, id).await.expect("the request is there")
}

fn device_code(id: &GrantId) -> SecretHash {
    hash(&format!("device code {id}"))
}
