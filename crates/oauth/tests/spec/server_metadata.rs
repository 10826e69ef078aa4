use countersign_oauth::server_metadata::{ServerMetadata, ServerMetadataFault};
use serde_json::json;

fn example() -> ServerMetadata {
    ServerMetadata {
        issuer: "https://op.example".to_owned(),
        authorization_endpoint: Some("https://op.example/authorize".to_owned()),
        token_endpoint: Some("https://op.example/token".to_owned()),
        jwks_uri: Some("https://op.example/jwks".to_owned()),
        response_types_supported: vec!["code".to_owned()],
        request_uri_parameter_supported: Some(false),
        authorization_response_iss_parameter_supported: Some(true),
        ..ServerMetadata::default()
    }
}

#[test]
fn nothing_empty_is_written() {
    // RFC 8414, section 3.2: "Claims with zero elements MUST be omitted from the response."
    assert_eq!(
        serde_json::to_value(example()).unwrap(),
        json!({
            "issuer": "https://op.example",
            "authorization_endpoint": "https://op.example/authorize",
            "token_endpoint": "https://op.example/token",
            "jwks_uri": "https://op.example/jwks",
            "response_types_supported": ["code"],
            "request_uri_parameter_supported": false,
            "authorization_response_iss_parameter_supported": true,
        })
    );
}

#[test]
fn what_was_written_is_read_and_unknown_members_are_kept() {
    let mut document = serde_json::to_value(example()).unwrap();
    document["mtls_endpoint_aliases"] =
        json!({ "token_endpoint": "https://mtls.op.example/token" });
    document["op_extension"] = json!(1);
    document["scopes_supported"] = json!(null);
    document["claims_supported"] = json!([]);
    document["end_session_endpoint"] = json!(null);
    let read = ServerMetadata::from_json(document.to_string().as_bytes()).unwrap();
    // RFC 8705, section 5.
    assert_eq!(
        read.mtls_endpoint_aliases["token_endpoint"],
        "https://mtls.op.example/token"
    );
    assert_eq!(read.other["op_extension"], 1);
    assert_eq!(
        read,
        ServerMetadata {
            mtls_endpoint_aliases: read.mtls_endpoint_aliases.clone(),
            other: read.other.clone(),
            ..example()
        }
    );
}

#[test]
fn the_issuer_must_be_the_one_that_was_asked_for() {
    // Case 36; OIDC Discovery, section 4.3; RFC 8414, section 3.3.
    let metadata = example();
    assert_eq!(metadata.check_issuer("https://op.example"), Ok(()));
    for other in [
        "https://op.example/",
        "https://OP.example",
        "https://evil.example",
        "",
    ] {
        let outcome = metadata.check_issuer(other);
        assert_eq!(outcome, Err(ServerMetadataFault::IssuerMismatch), "{other}");
    }
}

#[test]
fn a_document_of_another_shape_is_malformed() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"issuer":7}"#,
        r#"{"issuer":"a","issuer":"b"}"#,
        r#"{"issuer":"a","scopes_supported":"openid"}"#,
        "<html>",
        r#"{"issuer":"a"} x"#,
    ] {
        let fault = ServerMetadata::from_json(text.as_bytes()).unwrap_err();
        assert_eq!(fault.code(), "server_metadata_malformed", "{text}");
    }
}
