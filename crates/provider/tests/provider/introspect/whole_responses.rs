//! Whole responses of introspection and revocation, headers included.

use countersign_testing::{ALICE, TestProvider, callback};

use crate::errors::transcripts;

#[tokio::test]
async fn introspection_and_revocation_answer_as_their_rfcs_say() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "posting", callback::POSTING, "openid profile")
        .await;
    let (token, id_token) = (tokens.access_token, tokens.id_token.expect("one"));
    let bearer = |token: &str| [("authorization", format!("Bearer {token}"))];
    let ask = [("token", "x")];
    let nameless = op.browser().post("/introspect", &ask).await;
    let (users, unknown) = (bearer(&token), bearer("x"));
    let answers = [
        ("active", op.introspect("posting", &token).await),
        ("not active", op.introspect("posting", "x").await),
        ("no credentials", nameless),
        ("a public client", op.introspect("public", "x").await),
        ("no token", op.post_as("posting", "/introspect", &[]).await),
        (
            "a user's token as credentials",
            op.browser().post_with("/introspect", &ask, &users).await,
        ),
        (
            "an unknown token as credentials",
            op.browser().post_with("/introspect", &ask, &unknown).await,
        ),
        ("revoked", op.revoke("posting", &token).await),
        ("unknown", op.revoke("posting", "x").await),
        ("an ID token", op.revoke("posting", &id_token).await),
        ("another method", op.browser().get("/revoke").await),
    ];
    insta::assert_snapshot!(transcripts(&answers));
}
