//! Causes of userinfo.

use std::collections::BTreeSet;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_store::{Epoch, SecretHash};
use countersign_testing::{ALICE, Forger, Options, claims_of};
use serde_json::json;

use super::{CALLBACK, Stage};

pub async fn access_tokens() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    let plain = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "reports")
        .await;
    let own = stage
        .op
        .token("confidential", &[("grant_type", "client_credentials")])
        .await
        .tokens();
    let forger = Forger::of(&stage.op, SignatureAlgorithm::ES256).await;
    let mut claims = claims_of(&tokens.access_token);
    claims["aud"] = json!("https://api.example");
    stage.get("access_token_missing", "/userinfo").await;
    stage
        .get("access_token_in_query", "/userinfo?access_token=x")
        .await;
    for (authorization, cause) in [
        ("Basic x", "access_token_other_scheme"),
        ("Bearer", "access_token_malformed"),
    ] {
        let headers = [("authorization", authorization.to_owned())];
        let answer = stage
            .op
            .browser()
            .get_with_headers("/userinfo", &headers)
            .await;
        stage.meets(cause, &answer);
    }
    let headers = [("authorization", "Bearer x".to_owned())];
    let form = [("access_token", "x")];
    let answer = stage
        .op
        .browser()
        .post_with("/userinfo", &form, &headers)
        .await;
    stage.meets("access_token_sent_twice", &answer);
    stage
        .userinfo("access_token_not_ours", &forger.sign("at+jwt", &claims))
        .await;
    let opaque = format!("cs_at_{}", "A".repeat(65));
    stage.userinfo("access_token_unknown", &opaque).await;
    stage
        .userinfo("access_token_without_user", &own.access_token)
        .await;
    stage
        .userinfo("access_token_without_openid", &plain.access_token)
        .await;
    let claims = claims_of(&plain.access_token);
    let jti = SecretHash::of(claims["jti"].as_str().expect("a jti").as_bytes());
    let now = stage.op.provider.now();
    stage
        .op
        .provider
        .store
        .deny_access_token(&jti, now + 600, now)
        .await
        .expect("denies");
    stage
        .userinfo("access_token_revoked", &plain.access_token)
        .await;
    let epoch = Epoch::from_bytes([7; 16]);
    let end = countersign_store::standing::StandingChange::End { epoch };
    let store = &stage.op.provider.store;
    let ended = store.change_subject_standing(ALICE.sub, &end, now).await;
    ended.expect("ends");
    stage
        .userinfo("access_token_ended", &tokens.access_token)
        .await;
    stage.op.clock.advance(600);
    stage
        .userinfo("access_token_expired", &tokens.access_token)
        .await;
    stage.met
}
