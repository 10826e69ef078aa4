//! Attack case 63: 2,000 mutated requests over every endpoint. Never a 5xx, never slow, no stack
//! trace and no secret in a response, and the server still works afterwards.
//!
//! The stream of mutations is fixed: a failure names its number and repeats. What never gets past
//! an HTTP parser (a space in the path, a control character in a header) is not among them; the
//! server's own tests send such things over a socket.

use std::time::{Duration, Instant};

use countersign_testing::{ALICE, Browser, ClientPersona, TestProvider, basic, callback, form};
use http::{HeaderName, HeaderValue, Method, Request, Uri};

use crate::device_flow::{self, TELEVISION};

const REQUESTS: u64 = 2_000;
const FORM: &str = "application/x-www-form-urlencoded";

/// A request in pieces that need not fit together.
#[derive(Clone)]
struct Draft {
    method: Method,
    path: String,
    query: Vec<u8>,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// SplitMix64, a public-domain generator: enough for choosing.
struct Choice(u64);

impl Choice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

const METHODS: [&str; 12] = [
    "GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "get",
    "PROPFIND", "X",
];

const PIECES: [&[u8]; 26] = [
    b"%",
    b"%%",
    b"%z",
    b"%zz",
    b"%0",
    b"%00",
    b"%0d%0a",
    b"%ff%fe",
    b"%c3",
    b"%c3%28",
    b"%f0%28%8c%bc",
    b"%ed%a0%80",
    b"%u0041",
    b"%2",
    b"&",
    b"&&",
    b"=",
    b"==",
    b"&=",
    b"?",
    b"#",
    b"+",
    b";",
    b"[]",
    b"__proto__",
    b"\xe2\x80\xae",
];

const VALUES: [&str; 18] = [
    "",
    "null",
    "0",
    "-1",
    "99999999999999999999",
    "1e309",
    "NaN",
    "true",
    "../../etc/passwd",
    "' OR 1=1 --",
    "${jndi:ldap://127.0.0.1/}",
    "{{7*7}}",
    "%n%n%s",
    "\u{0}",
    "\u{fffd}\u{202e}",
    "https://evil.example",
    "cs_ac_",
    "e30.e30.e30",
];

const CONTENT_TYPES: [&str; 14] = [
    "",
    "application/json",
    "application/json; charset=utf-7",
    "text/html",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    "application/x-www-form-urlencoded;;;=",
    ";",
    "a/b/c",
    "application/xml",
    "application/x-www-form-urlencoded, application/json",
    "*/*",
];

const HOSTS: [&str; 12] = [
    "",
    "evil.example",
    "op.example:443",
    "op.example:99999",
    "op.example:x",
    "[::1",
    "[::1]:80",
    "::1",
    "127.0.0.1",
    "op.example.",
    "a b",
    "user@op.example",
];

const PATHS: [&str; 10] = [
    "/..",
    "/",
    "//",
    "/%2e%2e/token",
    "/%00",
    ";x=1",
    "%",
    "/../token",
    "/.well-known",
    "/%ff",
];

fn mutate(draft: &mut Draft, choice: &mut Choice) {
    match choice.below(14) {
        0 => draft.method = choice.of(&METHODS).parse().expect("a method"),
        1 => insert(target(draft, choice), choice),
        2 => flip(target(draft, choice), choice),
        3 => double(target(draft, choice), choice),
        4 => replace_value(target(draft, choice), choice),
        5 => {
            let at = target(draft, choice);
            at.extend(vec![b'a'; *choice.of(&[1_000, 10_000, 40_000])]);
        }
        6 => {
            let target = target(draft, choice);
            let end = choice.below(target.len() + 1);
            target.truncate(end);
        }
        7 => set(draft, "content-type", choice.of(&CONTENT_TYPES).as_bytes()),
        8 => set(draft, "host", choice.of(&HOSTS).as_bytes()),
        9 => {
            let name = *choice.of(&[
                "cookie",
                "authorization",
                "accept",
                "accept-language",
                "origin",
            ]);
            let mut value = choice.of(&VALUES).as_bytes().to_vec();
            value.extend(*choice.of(&PIECES));
            set(draft, name, &value);
        }
        10 => {
            let depth = *choice.of(&[10, 1_000, 10_000]);
            let open = *choice.of(&["[", "{\"a\":"]);
            draft.body = open.repeat(depth).into_bytes();
            set(draft, "content-type", b"application/json");
        }
        11 => {
            let more: &&str = choice.of(&PATHS);
            draft.path.push_str(more);
        }
        12 => std::mem::swap(&mut draft.query, &mut draft.body),
        _ => {
            let length = choice.below(300);
            draft.body = (0..length).map(|_| choice.next() as u8).collect();
        }
    }
}

/// Query or body, whichever has something.
fn target<'a>(draft: &'a mut Draft, choice: &mut Choice) -> &'a mut Vec<u8> {
    match (draft.query.is_empty(), draft.body.is_empty()) {
        (false, true) => &mut draft.query,
        (true, false) => &mut draft.body,
        _ if choice.below(2) == 0 => &mut draft.query,
        _ => &mut draft.body,
    }
}

fn insert(text: &mut Vec<u8>, choice: &mut Choice) {
    let at = choice.below(text.len() + 1);
    let piece = choice.of(&PIECES).iter().copied();
    text.splice(at..at, piece);
}

fn flip(text: &mut [u8], choice: &mut Choice) {
    if !text.is_empty() {
        let at = choice.below(text.len());
        text[at] ^= 1 << choice.below(8);
    }
}

fn double(text: &mut Vec<u8>, choice: &mut Choice) {
    let pairs: Vec<&[u8]> = text.split(|byte| *byte == b'&').collect();
    let pair = choice.of(&pairs).to_vec();
    text.push(b'&');
    text.extend(pair);
}

fn replace_value(text: &mut Vec<u8>, choice: &mut Choice) {
    let mut pairs: Vec<Vec<u8>> = text
        .split(|byte| *byte == b'&')
        .map(<[u8]>::to_vec)
        .collect();
    let at = choice.below(pairs.len());
    let name = pairs[at]
        .split(|byte| *byte == b'=')
        .next()
        .unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    pairs[at] = form(&[(name.as_str(), *choice.of(&VALUES))]).into_bytes();
    *text = pairs.join(&b'&');
}

fn set(draft: &mut Draft, name: &'static str, value: &[u8]) {
    draft.headers.retain(|(known, _)| *known != name);
    draft.headers.push((name, value.to_vec()));
}

/// What an HTTP parser would refuse is escaped, so that it reaches the endpoint.
fn request_of(draft: &Draft) -> Request<Vec<u8>> {
    let mut request = Request::new(draft.body.clone());
    *request.method_mut() = draft.method.clone();
    let query: String = draft
        .query
        .iter()
        .map(|byte| match byte {
            0x21 | 0x24..=0x7e if !b"<>\\^`{|}".contains(byte) => char::from(*byte).to_string(),
            _ => format!("%{byte:02x}"),
        })
        .collect();
    let separator = if query.is_empty() { "" } else { "?" };
    let uri = format!("{}{separator}{query}", draft.path).parse::<Uri>();
    // Longer than 64 KiB: no parser takes it, so the path alone is asked for.
    *request.uri_mut() = uri.unwrap_or_else(|_| draft.path.parse().unwrap_or_default());
    for (name, value) in &draft.headers {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            request
                .headers_mut()
                .append(HeaderName::from_static(name), value);
        }
    }
    request
}

/// An ordinary request to every endpoint, with everything that gets it far.
async fn drafts(op: &TestProvider, browser: &mut Browser) -> Vec<Draft> {
    let get = |path: &str, query: &[(&str, String)]| Draft {
        method: Method::GET,
        path: path.to_owned(),
        query: form(query).into_bytes(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let post = |path: &str, fields: &[(&str, String)], authorization: Option<String>| Draft {
        method: Method::POST,
        path: path.to_owned(),
        query: Vec::new(),
        headers: [("content-type", FORM.as_bytes().to_vec())]
            .into_iter()
            .chain(authorization.map(|value| ("authorization", value.into_bytes())))
            .collect(),
        body: form(fields).into_bytes(),
    };
    let text = |text: &str| text.to_owned();

    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid email");
    for (name, value) in [
        ("prompt", "consent"),
        ("max_age", "100"),
        ("ui_locales", "de en"),
        ("display", "page"),
    ] {
        request.push((name, text(value)));
    }
    let consent = browser.get_with("/authorize", &request).await;
    let login = op.browser().get_with("/authorize", &request).await;
    let logout = browser.get("/logout").await;
    let interaction =
        |page: &countersign_testing::Answer| page.hidden_field("interaction").unwrap_or_default();
    let tokens = op
        .tokens(
            &ALICE,
            "confidential",
            callback::CONFIDENTIAL,
            "openid email",
        )
        .await;
    let id_token = tokens.id_token.expect("an ID token");
    let code = op
        .code(
            &mut op.browser(),
            &ALICE,
            "confidential",
            callback::CONFIDENTIAL,
            "openid",
        )
        .await;
    let client = basic("confidential", ClientPersona::secret_of("confidential"));
    let link = op.setup_link(900).await;
    let hint = [
        ("id_token_hint", id_token),
        (
            "post_logout_redirect_uri",
            text("https://confidential.example/bye"),
        ),
        ("state", text("s")),
    ];
    let redeem = [
        ("grant_type", text("authorization_code")),
        ("code", code),
        ("redirect_uri", text(callback::CONFIDENTIAL)),
        ("code_verifier", text(countersign_testing::VERIFIER)),
    ];
    let refresh = [
        ("grant_type", text("refresh_token")),
        (
            "refresh_token",
            tokens.refresh_token.expect("a refresh token"),
        ),
        ("scope", text("openid")),
    ];
    let own = [
        ("grant_type", text("client_credentials")),
        ("scope", text("reports")),
    ];
    let in_form = [
        ("grant_type", text("client_credentials")),
        ("client_id", text("posting")),
        ("client_secret", text(ClientPersona::secret_of("posting"))),
    ];
    let form = [("grant_type", "client_credentials")];
    let spare = op.token("confidential", &form).await.tokens().access_token;
    let question = [
        ("token", tokens.access_token.clone()),
        ("token_type_hint", text("access_token")),
    ];
    let spare = [("token", spare), ("token_type_hint", text("refresh_token"))];
    let bearer = format!("Bearer {}", tokens.access_token);
    op.add_client_with(TELEVISION, None, device_flow::METADATA)
        .await;
    let codes = device_flow::codes(op, "openid").await;
    let device_code = [
        ("grant_type", text(device_flow::GRANT_TYPE)),
        ("client_id", text(TELEVISION)),
        ("device_code", codes.device_code),
    ];
    let code_form = browser.get("/device").await;
    let approval = device_flow::approval_page(browser, &ALICE, &codes.user_code).await;
    let mut userinfo = get("/userinfo", &[]);
    userinfo
        .headers
        .push(("authorization", bearer.clone().into_bytes()));
    vec![
        get("/authorize", &request),
        post("/authorize", &request, None),
        post(
            "/login",
            &[
                ("interaction", interaction(&login)),
                ("username", text("alice")),
                ("password", text("canary-password")),
                ("decision", text("sign_in")),
            ],
            None,
        ),
        post(
            "/consent",
            &[
                ("interaction", interaction(&consent)),
                ("decision", text("allow")),
            ],
            None,
        ),
        get("/logout", &hint),
        post("/logout", &hint, None),
        post(
            "/logout",
            &[
                ("interaction", interaction(&logout)),
                ("decision", text("cancel")),
            ],
            None,
        ),
        get("/setup", &[("token", link.clone())]),
        post(
            "/setup",
            &[
                ("token", link),
                ("name", text("Root")),
                ("email", text("root@example.org")),
                ("username", text("root")),
                ("password", text("canary-password")),
                ("password_again", text("canary-passwort")),
            ],
            None,
        ),
        post("/token", &redeem, Some(client.clone())),
        post("/token", &refresh, Some(client.clone())),
        post("/introspect", &question, Some(client.clone())),
        post("/introspect", &question, Some(bearer.clone())),
        post("/revoke", &spare, Some(client.clone())),
        post("/token", &own, Some(client)),
        post("/token", &in_form, None),
        post("/token", &device_code, None),
        post(
            "/device_authorization",
            &[("client_id", text(TELEVISION)), ("scope", text("openid"))],
            None,
        ),
        get("/device", &[("user_code", codes.user_code.clone())]),
        post(
            "/device",
            &[
                ("interaction", interaction(&code_form)),
                ("user_code", codes.user_code),
            ],
            None,
        ),
        post(
            "/device/approval",
            &[
                ("interaction", interaction(&approval)),
                ("decision", text("allow")),
            ],
            None,
        ),
        userinfo,
        post("/userinfo", &[("access_token", tokens.access_token)], None),
        get("/jwks", &[]),
        get("/.well-known/openid-configuration", &[]),
        get("/.well-known/oauth-authorization-server", &[]),
        get("/", &[]),
        get("/errors/login_required", &[]),
        get("/assets/style.css", &[]),
        get("/healthz", &[]),
        get("/readyz", &[]),
    ]
}

#[tokio::test]
async fn attack_63_two_thousand_mutated_requests_break_nothing() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let drafts = drafts(&op, &mut browser).await;
    let secrets = [
        "canary-password",
        ClientPersona::secret_of("confidential"),
        ClientPersona::secret_of("posting"),
    ];
    let mut choice = Choice(63);
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..REQUESTS {
        let mut draft = choice.of(&drafts).clone();
        for _ in 0..=choice.below(3) {
            mutate(&mut draft, &mut choice);
        }
        let shown = format!("request {number}: {} {}", draft.method, draft.path);
        let mut sender = match choice.below(3) {
            0 => op.browser(),
            _ => browser.clone(),
        };
        let started = Instant::now();
        let answer = sender.send_request(request_of(&draft)).await;
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{shown} took {:?}",
            started.elapsed()
        );
        assert!(answer.status.as_u16() < 500, "{shown}: {answer:?}");
        for trace in ["panicked", "RUST_BACKTRACE", ".rs:", "serde", "Error {"] {
            assert!(!answer.body.contains(trace), "{shown}: {answer:?}");
        }
        for secret in secrets {
            assert!(
                !answer.body.contains(secret),
                "{shown} repeats a secret: {answer:?}"
            );
        }
        *statuses.entry(answer.status.as_u16()).or_insert(0_u64) += 1;
    }
    // The mutations reach every depth: some requests still succeed, most are refused each in its
    // way.
    for status in [200, 303, 400, 401, 403, 404, 405] {
        assert!(statuses.contains_key(&status), "{statuses:?}");
    }
    // Alive afterwards. Guesses that the mutations made wait their turn first.
    op.clock.advance(600);
    op.tokens(&ALICE, "confidential", callback::CONFIDENTIAL, "openid")
        .await;
}
