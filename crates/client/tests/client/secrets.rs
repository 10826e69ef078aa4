//! Attack case 62, the client's part: nothing secret prints.

use crate::provider::{Provider, query};

#[tokio::test]
async fn attack_62_no_debug_output_holds_a_secret() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let authorization = client.authorize().build().expect("it is built");
    let state = authorization.pending.state().to_owned();
    let nonce = query(&authorization, "nonce").expect("it was sent");
    let kept = serde_json::to_value(&authorization.pending).expect("it is JSON");
    let verifier = kept["code_verifier"].as_str().expect("a text").to_owned();
    let mut printed = format!("{:?} {client:?}", authorization.pending);

    let id_token = provider.sign(&provider.claims(&nonce));
    let tokens = provider.tokens(&id_token);
    provider.with(|shared| shared.token = crate::provider::Reply::json(200, &tokens));
    let response = provider.response(&authorization);
    printed += &format!("{response:?}");
    let code = client
        .check_response(authorization.pending, response)
        .expect("it fits");
    printed += &format!("{code:?}");
    let tokens = client.redeem_code(code).await.expect("she signs in");
    printed += &format!("{tokens:?}");
    let refresh_token = tokens.refresh_token.expect("it came");
    printed += &format!("{:?}", client.refresh(&refresh_token));

    for secret in ["canary", &state, &nonce, &verifier, &id_token, "Alice"] {
        assert!(!printed.contains(secret), "{secret} is in {printed}");
    }
}
