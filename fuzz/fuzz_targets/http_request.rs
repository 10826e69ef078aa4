//! Any request to a whole provider: cookies, forms, tokens, JSON and headers, through the real
//! router. It never fails, and it never leads elsewhere.

#![no_main]

use std::sync::LazyLock;

use countersign_testing::{Options, TestProvider};
use http::{HeaderName, HeaderValue, Method, Request};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

static STAGE: LazyLock<(Runtime, TestProvider)> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let options = Options::with(|settings| {
        settings.logout.session_management = true;
        settings.authorization.insecure_implicit_and_hybrid = true;
        settings.registration.open = true;
    });
    let op = runtime.block_on(TestProvider::start_with(options));
    (runtime, op)
});

fuzz_target!(|input: &[u8]| {
    let Some(request) = request(input) else {
        return;
    };
    let (runtime, op) = &*STAGE;
    // So that no limit lasts for the rest of the run.
    op.clock.advance(1);
    let answer = runtime.block_on(op.browser().send_request(request));
    let status = answer.status.as_u16();
    assert!(status < 500 || status == 503, "{answer:?}");
    if let Some(location) = answer.raw_location() {
        let ours = location.starts_with('/') && !location.starts_with("//");
        let registered = [
            "https://op.example/",
            "https://confidential.example/callback",
            "https://confidential.example/bye",
            "https://posting.example/callback",
            "https://public.example/callback",
            "http://127.0.0.1",
            "com.example.app:/callback",
            "https://first-party.example/callback",
        ];
        let known = registered.iter().any(|uri| location.starts_with(uri));
        assert!(ours || known, "{answer:?}");
    }
    for value in answer.headers.values() {
        assert!(
            value
                .as_bytes()
                .iter()
                .all(|byte| (0x20..0x7f).contains(byte)),
            "{answer:?}"
        );
    }
});

/// `METHOD path`, header lines, an empty line, and the body.
fn request(input: &[u8]) -> Option<Request<Vec<u8>>> {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let mut rest = lines.next().unwrap_or_default();
    let (method, path) = first.split_once(' ')?;
    if !path.starts_with('/') {
        return None;
    }
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).ok()?)
        .uri(path);
    for _ in 0..20 {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.get(1..).unwrap_or_default();
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            break;
        };
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = line[colon + 1..].trim_ascii();
        request = request.header(name, HeaderValue::from_bytes(value).ok()?);
    }
    request.body(rest.to_vec()).ok()
}
