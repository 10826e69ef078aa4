//! The parameters of a request: a query, a body and a JSON object. What is read is what another
//! reader reads, and nothing is read from what is ambiguous.

#![no_main]

use countersign_oauth::parameters::{Limits, Parameters, Reading, TOKEN_REQUEST, name_in_query};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const REPEATABLE: &[&str] = &["resource"];

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(2, |byte| *byte == b'\n');
    let query = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    let limits = Limits {
        total_bytes: 4_096,
        parameters: 16,
        name_bytes: 32,
        value_bytes: 1_024,
        ..Limits::default()
    };
    form(query, limits);
    joined(query, body, limits);
    in_query(query, limits);
    json(input, limits);
});

fn form(sent: &[u8], limits: Limits) {
    let reading = Reading::of_form(sent, limits, REPEATABLE);
    let whole = Parameters::parse_form(sent, limits, REPEATABLE);
    match (&reading, &whole) {
        (Err(one), Err(other)) => assert_eq!(one, other),
        (Err(_), Ok(_)) => panic!("read though it can't be"),
        (Ok(reading), _) => {
            is_within(&reading.parameters, limits);
            assert_eq!(reading.fault.as_ref(), whole.as_ref().err());
        }
    }
    let Ok(parameters) = whole else {
        return;
    };
    // The browsers' reader finds the same, where ours finds no fault.
    let theirs: Vec<_> = form_urlencoded::parse(sent)
        .filter(|(name, value)| !name.is_empty() && !value.is_empty())
        .collect();
    let ours: Vec<(&str, &str)> = parameters.iter().collect();
    assert_eq!(ours.len(), theirs.len());
    for ((name, value), (their_name, their_value)) in ours.iter().zip(&theirs) {
        assert_eq!((*name, *value), (their_name.as_ref(), their_value.as_ref()));
    }
    let wide = Limits {
        total_bytes: usize::MAX,
        ..limits
    };
    let again = Parameters::parse_form(parameters.to_form().as_bytes(), wide, REPEATABLE);
    let again = again.expect("what we write we read");
    assert!(again.iter().eq(parameters.iter()));
}

fn is_within(parameters: &Parameters, limits: Limits) {
    assert!(parameters.len() <= limits.parameters);
    for (name, value) in parameters.iter() {
        assert!(!name.is_empty() && name.len() <= limits.name_bytes);
        assert!(!value.is_empty() && value.len() <= limits.value_bytes);
        assert!(!name.chars().chain(value.chars()).any(char::is_control));
        let times = parameters.all(name).count();
        assert!(times == 1 || REPEATABLE.contains(&name), "{name}: {times}");
        assert_eq!(parameters.get(name), parameters.all(name).next());
    }
}

/// What is in both was sent twice, in whichever order they are joined.
fn joined(query: &[u8], body: &[u8], limits: Limits) {
    let read = |sent: &[u8]| Reading::of_form(sent, limits, REPEATABLE);
    let (Ok(one), Ok(other)) = (read(query), read(body)) else {
        return;
    };
    let both = one.clone().merge(other.clone(), REPEATABLE);
    for (name, _) in both.parameters.iter() {
        let in_both = one.parameters.get(name).is_some() && other.parameters.get(name).is_some();
        assert!(!in_both || REPEATABLE.contains(&name), "{name}");
    }
    let reversed = other.merge(one, REPEATABLE);
    assert_eq!(both.fault.is_some(), reversed.fault.is_some());
    let sorted = |reading: &Reading| {
        let mut all: Vec<(String, String)> = reading
            .parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        all.sort();
        all
    };
    assert_eq!(sorted(&both), sorted(&reversed));
}

/// A parameter of a token request that the reader finds in a query is found by its name.
fn in_query(query: &[u8], limits: Limits) {
    let Ok(query) = std::str::from_utf8(query) else {
        return;
    };
    let found = name_in_query(query, TOKEN_REQUEST);
    if let Ok(reading) = Reading::of_form(query, limits, REPEATABLE) {
        let is_there = |name: &&str| reading.parameters.get(name).is_some();
        assert!(found.is_some() || !TOKEN_REQUEST.iter().any(|name| is_there(name)));
    }
}

fn json(sent: &[u8], limits: Limits) {
    let Ok(parameters) = Parameters::parse_json_object(sent, limits) else {
        return;
    };
    is_within(&parameters, limits);
    let sent = sent.strip_prefix(b"\xef\xbb\xbf").unwrap_or(sent); // a byte order mark
    let theirs: Map<String, Value> = serde_json::from_slice(sent).expect("it is JSON");
    for (name, value) in parameters.iter() {
        let text = match &theirs[name] {
            Value::String(text) => text.clone(),
            // `1e2` may be written as `100`: the same number.
            Value::Number(number) if number.is_f64() => {
                assert_eq!(value.parse().ok(), number.as_f64());
                continue;
            }
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            other => panic!("{name} is {other}"),
        };
        assert_eq!(value, text);
    }
    let said = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    assert_eq!(parameters.len(), theirs.values().filter(said).count());
}
