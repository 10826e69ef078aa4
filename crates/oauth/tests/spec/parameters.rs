use countersign_oauth::parameters::{
    Limits, ParameterFault, Parameters, REPEATABLE_RESOURCE, REPEATABLE_TOKEN_EXCHANGE,
    TOKEN_REQUEST, name_in_query,
};
use proptest::prelude::*;

fn form(body: &[u8]) -> Result<Parameters, ParameterFault> {
    Parameters::parse_form(body, Limits::default(), &[])
}

fn code_of(result: Result<Parameters, ParameterFault>) -> &'static str {
    result.map_or_else(|fault| fault.code(), |_| "accepted")
}

#[test]
fn a_form_is_read_by_its_grammar() {
    type Pairs = &'static [(&'static str, &'static str)];
    let rows: [(&str, &[u8], Pairs); 9] = [
        (
            "RFC 6749, appendix B",
            b"a=1&b=2",
            &[("a", "1"), ("b", "2")],
        ),
        (
            "RFC 6749, appendix B",
            b"name=+%25%26%2B%C2%A3%E2%82%AC",
            &[("name", " %&+£€")],
        ),
        ("RFC 6749, section 3.1", b"a=&b=2&c", &[("b", "2")]),
        ("URL Standard 5.1", b"a=1&&b=2&", &[("a", "1"), ("b", "2")]),
        ("URL Standard 5.1", b"a=x=y", &[("a", "x=y")]),
        ("URL Standard 5.1", b"", &[]),
        ("lower-case hex", b"a=%c3%a9", &[("a", "é")]),
        ("encoded name", b"%61=1", &[("a", "1")]),
        ("UTF-8 as it is", "a=é".as_bytes(), &[("a", "é")]),
    ];
    for (section, body, expected) in rows {
        let parameters = form(body).unwrap();
        assert_eq!(parameters.iter().collect::<Vec<_>>(), expected, "{section}");
        assert_eq!(parameters.len(), expected.len(), "{section}");
        assert_eq!(parameters.is_empty(), expected.is_empty(), "{section}");
    }
}

#[test]
fn a_form_that_another_reader_might_repair_is_refused() {
    let rows: [(&str, &[u8], &str); 18] = [
        ("no hexadecimal digit", b"a=%4G", "parameter_malformed"),
        ("no hexadecimal digits", b"a=%gZ", "parameter_malformed"),
        ("percent at the end", b"a=%", "parameter_malformed"),
        ("percent and one digit", b"a=%4", "parameter_malformed"),
        ("percent and no digit", b"a=%zz", "parameter_malformed"),
        ("sign as a digit", b"a=%+1", "parameter_malformed"),
        ("percent in a name", b"%=1", "parameter_malformed"),
        ("not UTF-8", b"a=\xff", "parameter_malformed"),
        ("not UTF-8, encoded", b"a=%FF", "parameter_malformed"),
        ("overlong slash", b"a=%C0%AF", "parameter_malformed"),
        ("surrogate", b"a=%ED%A0%80", "parameter_malformed"),
        ("no name", b"=1", "parameter_malformed"),
        ("NUL", b"a=%00", "parameter_control_character"),
        (
            "CR LF (case 48)",
            b"state=x%0d%0aSet-Cookie:%20a=b",
            "parameter_control_character",
        ),
        ("bare LF", b"a=x\ny", "parameter_control_character"),
        ("DEL", b"a=%7F", "parameter_control_character"),
        ("C1 control", b"a=%C2%85", "parameter_control_character"),
        (
            "control in a name",
            b"a%0d=1",
            "parameter_control_character",
        ),
    ];
    for (what, body, expected) in rows {
        assert_eq!(code_of(form(body)), expected, "{what}");
    }
}

#[test]
fn a_parameter_sent_twice_is_named() {
    // RFC 6749, sections 3.1 and 3.2 (case 16): "Request and response parameters MUST NOT be
    // included more than once."
    let rows: [(&str, &[u8]); 6] = [
        ("same value", b"code=x&code=x"),
        ("other value", b"code=x&state=1&code=y"),
        ("encoded name", b"code=x&%63ode=y"),
        ("first empty", b"code=&code=x"),
        ("second empty", b"code=x&code="),
        ("both empty", b"code&code"),
    ];
    for (what, body) in rows {
        let fault = form(body).unwrap_err();
        assert_eq!(
            fault,
            ParameterFault::Duplicate {
                name: "code".to_owned()
            },
            "{what}"
        );
    }
    assert!(form(b"code=x&Code=y").is_ok(), "names are case-sensitive");
}

#[test]
fn what_a_call_lists_may_repeat() {
    // RFC 8707, section 2 and RFC 8693, section 2.1.
    let body = "resource=https://a.example&resource=https://b.example";
    let read = Parameters::parse_form(body, Limits::default(), REPEATABLE_RESOURCE).unwrap();
    assert_eq!(
        read.all("resource").collect::<Vec<_>>(),
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(read.get("resource"), Some("https://a.example"));
    let audiences = "audience=a&audience=b&resource=x&resource=y";
    let exchange = Parameters::parse_form(audiences, Limits::default(), REPEATABLE_TOKEN_EXCHANGE);
    assert_eq!(exchange.unwrap().len(), 4);
    let elsewhere = Parameters::parse_form(audiences, Limits::default(), REPEATABLE_RESOURCE);
    assert_eq!(code_of(elsewhere), "parameter_duplicate");
}

#[test]
fn a_parameter_in_both_query_and_body_was_sent_twice() {
    let query =
        |text| Parameters::parse_query(text, Limits::default(), REPEATABLE_RESOURCE).unwrap();
    let merged = query("a=1").merge(query("b=2"), &[]).unwrap();
    assert_eq!(merged.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
    for (one, other) in [("a=1", "a=1"), ("a=1", "a="), ("a=", "a=1"), ("a=", "a=")] {
        let fault = query(one).merge(query(other), &[]).unwrap_err();
        assert_eq!(
            fault,
            ParameterFault::Duplicate {
                name: "a".to_owned()
            },
            "{one} {other}"
        );
    }
    let both = query("resource=x")
        .merge(query("resource=y"), REPEATABLE_RESOURCE)
        .unwrap();
    assert_eq!(both.all("resource").count(), 2);
}

#[test]
fn every_limit_is_kept_at_its_edge() {
    let limits = Limits {
        total_bytes: 40,
        parameters: 3,
        name_bytes: 4,
        value_bytes: 8,
        ..Limits::default()
    };
    let rows = [
        ("a=1&b=2&c=3", "accepted"),
        ("a=1&b=2&c=3&d=4", "parameter_too_many"),
        ("a=&b=&c=&d=", "parameter_too_many"),
        ("abcd=1", "accepted"),
        ("abcde=1", "parameter_too_large"),
        ("a=12345678", "accepted"),
        ("a=123456789", "parameter_too_large"),
        ("a=%31%32%33%34%35%36%37%38", "accepted"),
        (
            "a=1&b=2&                                                ",
            "parameter_too_large",
        ),
    ];
    for (body, expected) in rows {
        assert_eq!(
            code_of(Parameters::parse_form(body, limits, &[])),
            expected,
            "{body}"
        );
    }
    let many = "resource=x&".repeat(65);
    let read = Parameters::parse_form(many, Limits::default(), REPEATABLE_RESOURCE);
    assert_eq!(
        code_of(read),
        "parameter_too_many",
        "repeatable names count too"
    );
}

#[test]
fn what_is_required_and_empty_is_missing() {
    let parameters = form(b"code=").unwrap();
    let fault = parameters.require("code").unwrap_err();
    assert_eq!(fault, ParameterFault::Missing { name: "code" });
    assert_eq!(form(b"code=x").unwrap().require("code"), Ok("x"));
}

#[test]
fn nothing_prints_a_value_nor_a_strange_name_that_may_be_one() {
    let parameters = form(b"client_secret=hunter2&code=abc").unwrap();
    assert_eq!(
        format!("{parameters:?}"),
        r#"Parameters["client_secret", "code"]"#
    );
    for name in [
        "%22%3Cscript%3E%5C%E2%82%AC",
        "correct+horse",
        "cs_rt_AAAAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
        &"x".repeat(100),
    ] {
        let fault = form(format!("{name}=1&{name}=2").as_bytes()).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "a parameter of an unusual name was sent more than once"
        );
    }
}

#[test]
fn a_token_request_has_no_parameter_of_its_own_in_the_query() {
    // RFC 6749, sections 2.3.1 and 3.2: what is not recognised is ignored.
    let rows = [
        ("", None),
        ("foo=bar", None),
        ("foo", None),
        ("tenant=a&utm_source=b", None),
        ("Grant_Type=x", None),
        ("scope[]=x", None),
        ("x=grant_type", None),
        ("%zz=1&%ff", None),
        ("=code", None),
        ("grant_type=authorization_code", Some("grant_type")),
        ("foo=bar&client_secret=s", Some("client_secret")),
        ("client%5Fsecret=s", Some("client_secret")),
        ("%63ode", Some("code")),
        ("%zz&code_verifier=", Some("code_verifier")),
    ];
    for (query, expected) in rows {
        assert_eq!(name_in_query(query, TOKEN_REQUEST), expected, "{query}");
    }
    for name in TOKEN_REQUEST {
        assert_eq!(
            name_in_query(&format!("a=b&{name}=c"), TOKEN_REQUEST),
            Some(*name)
        );
    }
}

#[test]
fn a_json_object_with_a_byte_order_mark_is_read() {
    // RFC 8259, section 8.1.
    let json = b"\xef\xbb\xbf{\"grant_type\":\"refresh_token\"}";
    let read = Parameters::parse_json_object(json, Limits::default()).unwrap();
    assert_eq!(read.get("grant_type"), Some("refresh_token"));
}

#[test]
fn a_json_object_is_read_flat() {
    let json = |text: &str| Parameters::parse_json_object(text, Limits::default());
    let read =
        json(r#"{"grant_type":"password","n":7,"m":-7,"f":1.5,"t":true,"none":null,"e":""}"#);
    assert_eq!(
        read.unwrap().iter().collect::<Vec<_>>(),
        [
            ("grant_type", "password"),
            ("n", "7"),
            ("m", "-7"),
            ("f", "1.5"),
            ("t", "true")
        ]
    );
    let rows = [
        (r#"{"a":"1","a":"2"}"#, "parameter_duplicate"),
        (r#"{"a":"1","\u0061":"2"}"#, "parameter_duplicate"),
        (r#"{"a":null,"a":"2"}"#, "parameter_duplicate"),
        (r#"{"a":["x"]}"#, "parameter_malformed"),
        (r#"{"a":{"b":1}}"#, "parameter_malformed"),
        (r#"{"a":"x\u0000"}"#, "parameter_control_character"),
        (r#"{"a":"\r\n"}"#, "parameter_control_character"),
        (r#"{"":"x"}"#, "parameter_malformed"),
        (r#"["a"]"#, "parameter_malformed"),
        (r#""a""#, "parameter_malformed"),
        (r#"{"a":"1"} x"#, "parameter_malformed"),
        (r#"{"a":"#, "parameter_malformed"),
        ("", "parameter_malformed"),
    ];
    for (text, expected) in rows {
        assert_eq!(code_of(json(text)), expected, "{text}");
    }
    // Case 61: depth costs nothing.
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(code_of(json(&deep)), "parameter_malformed");
    let many: String = (0..65).map(|n| format!(r#""p{n}":1,"#)).collect();
    let many = format!("{{{}}}", many.trim_end_matches(','));
    assert_eq!(code_of(json(&many)), "parameter_too_many");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = form(&body);
        let _ = Parameters::parse_json_object(&body, Limits::default());
    }

    #[test]
    fn what_was_written_is_read_back(
        pairs in proptest::collection::btree_map("[a-z_]{1,12}", "\\PC{1,40}", 0..12)
    ) {
        prop_assume!(pairs.values().all(|value| !value.chars().any(char::is_control)));
        let mut parameters = Parameters::default();
        for (name, value) in &pairs {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let one = form(format!("{name}={encoded}").as_bytes()).unwrap();
            parameters = parameters.merge(one, &[]).unwrap();
        }
        let again = form(parameters.to_form().as_bytes()).unwrap();
        let read: std::collections::BTreeMap<_, _> =
            again.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(read, pairs);
    }
}

#[test]
fn a_control_character_is_read_only_in_a_form_that_people_type_in() {
    let typed = Limits {
        control_characters: true,
        ..Limits::default()
    };
    let form = "username=alice%09&password=a%0Ab";
    let read = Parameters::parse_form(form, typed, &[]).unwrap();
    assert_eq!(read.get("username"), Some("alice\t"));
    assert_eq!(read.get("password"), Some("a\nb"));
    for (form, limits) in [(form, Limits::default()), ("user%09name=alice", typed)] {
        let refused = Parameters::parse_form(form, limits, &[]).unwrap_err();
        assert_eq!(refused.code(), "parameter_control_character", "{form}");
    }
}
