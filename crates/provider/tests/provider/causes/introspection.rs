//! Causes of introspection and revocation.

use std::collections::BTreeSet;

use countersign_provider::settings::SigningAlgorithm;
use countersign_testing::{ALICE, ClientPersona, Options, basic};

use super::{CALLBACK, Stage};

pub async fn introspections_and_revocations() -> BTreeSet<String> {
    let options = Options::with(|settings| {
        settings.keys.algorithms = vec![SigningAlgorithm::ES256];
    });
    let mut stage = Stage::with(options).await;
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "email")
        .await
        .access_token;
    let answer = stage.op.introspect("public", &tokens).await;
    stage.meets("introspection_public_client", &answer);

    let bearer = format!("Bearer {tokens}");
    let credentials = basic("confidential", ClientPersona::secret_of("confidential"));
    let accept = "application/token-introspection+jwt".to_owned();
    for (headers, cause) in [
        (
            vec![("authorization", bearer)],
            "introspection_token_of_a_user",
        ),
        (
            vec![("authorization", credentials), ("accept", accept)],
            "introspection_algorithm_missing",
        ),
    ] {
        let form = [("token", tokens.as_str())];
        let mut browser = stage.op.browser();
        let answer = browser.post_with("/introspect", &form, &headers).await;
        stage.meets(cause, &answer);
    }
    let code = format!("cs_ac_{}", "A".repeat(65));
    let answer = stage.op.revoke("confidential", &code).await;
    stage.meets("revocation_token_type_not_supported", &answer);
    stage.met
}
