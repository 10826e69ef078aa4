use countersign_oauth::scope::{MAX_TOKEN_BYTES, MAX_TOKENS, Scope, ScopeFault};
use proptest::prelude::*;

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

#[test]
fn a_scope_is_read_by_the_grammar_of_rfc_6749_section_3_3_with_any_number_of_spaces() {
    let rows = [
        ("openid", Ok("openid")),
        ("openid profile", Ok("openid profile")),
        ("profile openid profile", Ok("profile openid")),
        ("", Ok("")),
        (
            "https://api.example/read !#[]~",
            Ok("https://api.example/read !#[]~"),
        ),
        (" openid", Ok("openid")),
        ("openid ", Ok("openid")),
        ("openid  profile", Ok("openid profile")),
        ("   openid    profile  ", Ok("openid profile")),
        (" ", Ok("")),
        ("open\"id", Err(ScopeFault::ForbiddenCharacter)),
        ("open\\id", Err(ScopeFault::ForbiddenCharacter)),
        ("openid\tprofile", Err(ScopeFault::ForbiddenCharacter)),
        ("openid\nprofile", Err(ScopeFault::ForbiddenCharacter)),
        ("lösen", Err(ScopeFault::ForbiddenCharacter)),
        ("\u{7f}", Err(ScopeFault::ForbiddenCharacter)),
    ];
    for (text, expected) in rows {
        let read = Scope::parse(text).map(|scope| scope.to_string());
        assert_eq!(read, expected.map(str::to_owned), "{text:?}");
    }
}

#[test]
fn a_scope_has_bounds() {
    let longest = "x".repeat(MAX_TOKEN_BYTES);
    assert!(Scope::parse(&longest).is_ok());
    assert_eq!(
        Scope::parse(&format!("{longest}x")),
        Err(ScopeFault::TokenTooLong)
    );
    let full: Vec<String> = (0..MAX_TOKENS).map(|n| n.to_string()).collect();
    assert!(Scope::parse(&full.join(" ")).is_ok());
    assert_eq!(
        Scope::parse(&format!("{} more", full.join(" "))),
        Err(ScopeFault::TooMany)
    );
}

#[test]
fn a_union_of_two_full_sets_is_read_back() {
    let full = |from: usize| {
        let tokens = (from..from + MAX_TOKENS).map(|n| n.to_string());
        Scope::from_tokens(tokens).unwrap()
    };
    let union = full(0).union(&full(1_000));
    assert_eq!(union.len(), 2 * MAX_TOKENS);
    let json = serde_json::to_string(&union).unwrap();
    assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), union);
    let endless: Vec<String> = (0..1_001).map(|n| n.to_string()).collect();
    let endless = format!("\"{}\"", endless.join(" "));
    assert!(serde_json::from_str::<Scope>(&endless).is_err());
}

#[test]
fn scopes_are_sets_that_remember_their_order() {
    let asked = scope("openid email api:read");
    assert_eq!(asked, scope("api:read email openid"));
    assert_ne!(asked, scope("openid email"));
    assert!(asked.contains("email") && !asked.contains("Email"));
    assert!(scope("email openid").is_subset_of(&asked));
    assert!(Scope::EMPTY.is_subset_of(&asked));
    assert!(!asked.is_subset_of(&scope("openid email")));
    assert_eq!(
        asked
            .intersection(&scope("api:read openid phone"))
            .to_string(),
        "openid api:read"
    );
    assert_eq!(
        asked.difference(&scope("email")).to_string(),
        "openid api:read"
    );
    assert_eq!(
        asked.union(&scope("phone email")).to_string(),
        "openid email api:read phone"
    );
    assert_eq!(asked.without("openid").to_string(), "email api:read");
    assert_eq!(Scope::from_tokens(asked.iter()).unwrap().len(), 3);
    assert_eq!(
        Scope::from_tokens(["two words"]),
        Err(ScopeFault::ForbiddenCharacter)
    );
    assert_eq!(Scope::from_tokens([""]), Err(ScopeFault::EmptyToken));
}

#[test]
fn a_scope_is_a_text_in_json() {
    let json = serde_json::to_string(&scope("openid email")).unwrap();
    assert_eq!(json, r#""openid email""#);
    assert_eq!(
        serde_json::from_str::<Scope>(&json).unwrap(),
        scope("openid email")
    );
    let spaced: Scope = serde_json::from_str(r#"" a  b ""#).unwrap();
    assert_eq!(spaced.to_string(), "a b");
    assert!(serde_json::from_str::<Scope>(r#""a\\b""#).is_err());
}

proptest! {
    #[test]
    fn a_scope_survives_printing(text in "\\PC{0,60}") {
        if let Ok(read) = Scope::parse(&text) {
            let again = Scope::parse(&read.to_string()).unwrap();
            prop_assert_eq!(read.to_string(), again.to_string());
        }
    }

    #[test]
    fn sets_keep_their_laws(left in "([a-e]( [a-e]){0,6})?", right in "([a-e]( [a-e]){0,6})?") {
        let (left, right) = (scope(&left), scope(&right));
        prop_assert!(left.intersection(&right).is_subset_of(&left));
        prop_assert!(left.intersection(&right).is_subset_of(&right));
        prop_assert!(left.is_subset_of(&left.union(&right)));
        prop_assert_eq!(left.intersection(&right).union(&left.difference(&right)), left);
    }
}
