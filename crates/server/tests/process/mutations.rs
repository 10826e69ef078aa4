//! Requests that are almost right: drafts of every endpoint, and what may be done to them.

use std::io::Write;

use crate::dice::Dice;

/// Bytes as they go on the wire.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A request before it is written down.
#[derive(Clone)]
pub struct Draft {
    pub method: Vec<u8>,
    pub path: Vec<u8>,
    /// Percent-encoded already.
    pub query: Pairs,
    pub headers: Pairs,
    /// A form, percent-encoded already, unless [`Draft::body`] takes its place.
    pub fields: Pairs,
    pub body: Option<Vec<u8>>,
    pub version: Vec<u8>,
    /// In place of the body's length.
    pub content_length: Option<Vec<u8>>,
}

impl Draft {
    pub fn new(method: &str, path: &str) -> Draft {
        Draft {
            method: method.into(),
            path: path.into(),
            query: Pairs::new(),
            headers: pairs(&[("Host", "localhost"), ("Connection", "close")]),
            fields: Pairs::new(),
            body: None,
            version: b"HTTP/1.1".to_vec(),
            content_length: None,
        }
    }

    pub fn query(mut self, query: &[(&str, &str)]) -> Draft {
        self.query = encoded(query);
        self
    }

    pub fn fields(mut self, fields: &[(&str, &str)]) -> Draft {
        self.fields = encoded(fields);
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    pub fn header(mut self, name: &str, value: &str) -> Draft {
        self.headers.extend(pairs(&[(name, value)]));
        self
    }

    /// What goes on the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let body = self.body.clone().unwrap_or_else(|| joined(&self.fields));
        let mut bytes = self.method.clone();
        bytes.push(b' ');
        bytes.extend(&self.path);
        if !self.query.is_empty() {
            bytes.push(b'?');
            bytes.extend(joined(&self.query));
        }
        bytes.push(b' ');
        bytes.extend(&self.version);
        bytes.extend(b"\r\n");
        for (name, value) in &self.headers {
            bytes.extend(name);
            bytes.extend(b": ");
            bytes.extend(value);
            bytes.extend(b"\r\n");
        }
        let length = body.len().to_string().into_bytes();
        let length = self.content_length.as_ref().unwrap_or(&length);
        if !body.is_empty() || self.content_length.is_some() {
            bytes.extend(b"Content-Length: ");
            bytes.extend(length);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"\r\n");
        bytes.extend(body);
        bytes
    }

    /// Does one thing to it.
    pub fn mutate(&mut self, dice: &Dice) {
        match dice.below(18) {
            0 => append(self.parameter(dice), dice.pick(BAD_PERCENT)),
            1 => append(self.parameter(dice), dice.pick(BAD_UTF8)),
            2 => append(self.parameter(dice), dice.pick(CONTROLS)),
            3 => *self.parameter(dice) = dice.pick(ODD_VALUES).as_bytes().to_vec(),
            4 => self.repeat_parameter(dice),
            5 => self.remove_parameter(dice),
            6 => *self.parameter(dice) = vec![b'a'; 1 << (9 + dice.below(11))],
            7 => self.many_parameters(dice),
            8 => self.method = dice.pick(METHODS).as_bytes().to_vec(),
            9 => self.set("Content-Type", dice.pick(CONTENT_TYPES)),
            10 => self.odd_host(dice),
            11 => self.deep_json(dice),
            12 => self.content_length = Some(dice.pick(LENGTHS).as_bytes().to_vec()),
            13 => self.set("Authorization", dice.pick(AUTHORIZATIONS)),
            14 => self.odd_header(dice),
            15 => self.version = dice.pick(VERSIONS).as_bytes().to_vec(),
            16 => append(&mut self.path, dice.pick(PATHS)),
            _ => self.set("Transfer-Encoding", dice.pick(ENCODINGS)),
        }
    }

    /// Some parameter's value; there is always one.
    fn parameter(&mut self, dice: &Dice) -> &mut Vec<u8> {
        let pairs = self.parameters(dice);
        if pairs.is_empty() {
            pairs.push((b"state".to_vec(), b"x".to_vec()));
        }
        let at = dice.below(pairs.len());
        let (name, value) = &mut pairs[at];
        match dice.one_in(8) {
            true => name,
            false => value,
        }
    }

    fn parameters(&mut self, dice: &Dice) -> &mut Pairs {
        match self.fields.is_empty() || dice.one_in(4) {
            true => &mut self.query,
            false => &mut self.fields,
        }
    }

    fn repeat_parameter(&mut self, dice: &Dice) {
        let all = [self.query.clone(), self.fields.clone()].concat();
        if all.is_empty() {
            return;
        }
        let again = all[dice.below(all.len())].clone();
        self.parameters(dice).push(again);
    }

    fn remove_parameter(&mut self, dice: &Dice) {
        let pairs = self.parameters(dice);
        if !pairs.is_empty() {
            pairs.remove(dice.below(pairs.len()));
        }
    }

    fn many_parameters(&mut self, dice: &Dice) {
        let count = dice.below(3000);
        let pairs = self.parameters(dice);
        for number in 0..count {
            pairs.push((format!("p{number}").into_bytes(), b"1".to_vec()));
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name.as_bytes()));
        self.headers.extend(pairs(&[(name, value)]));
    }

    fn odd_host(&mut self, dice: &Dice) {
        match dice.below(4) {
            0 => self.headers.retain(|(name, _)| name != b"Host"),
            1 => self.headers.extend(pairs(&[("Host", "localhost")])),
            _ => self.set("Host", dice.pick(HOSTS)),
        }
    }

    fn deep_json(&mut self, dice: &Dice) {
        let open = dice.pick(&["[", "{\"a\":"]);
        let body = open.repeat(10_000).into_bytes();
        self.set("Content-Type", "application/json");
        match dice.one_in(2) {
            true => self.body = Some(body),
            false => *self.parameter(dice) = body,
        }
    }

    fn odd_header(&mut self, dice: &Dice) {
        let name = dice.pick(HEADERS);
        let value = match dice.below(4) {
            0 => vec![b'x'; 1 << (8 + dice.below(10))],
            1 => b"\x00\x01\xff\xfe".to_vec(),
            2 => b"\"a;b=c, d".repeat(200),
            _ => dice.pick(ODD_VALUES).as_bytes().to_vec(),
        };
        self.headers.push((name.as_bytes().to_vec(), value));
    }
}

/// Changes or cuts what was written down already; responses whether the end is missing.
pub fn damage(bytes: &mut Vec<u8>, dice: &Dice) -> bool {
    match dice.below(12) {
        0 => {
            bytes.truncate(dice.below(bytes.len()));
            true
        }
        1 => {
            for _ in 0..=dice.below(4) {
                let at = dice.below(bytes.len());
                bytes[at] = u8::try_from(dice.below(256)).expect("a byte");
            }
            true
        }
        2 => {
            let at = dice.below(bytes.len());
            let more: Vec<u8> = (0..dice.below(64))
                .map(|_| u8::try_from(dice.below(256)).expect("a byte"))
                .collect();
            bytes.splice(at..at, more);
            true
        }
        _ => false,
    }
}

fn encoded(pairs: &[(&str, &str)]) -> Pairs {
    let one = |(name, value): &(&str, &str)| {
        let pair = countersign_testing::form(&[(*name, *value)]).into_bytes();
        let middle = pair
            .iter()
            .position(|byte| *byte == b'=')
            .expect("name=value");
        (pair[..middle].to_vec(), pair[middle + 1..].to_vec())
    };
    pairs.iter().map(one).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Pairs {
    let one = |(name, value): &(&str, &str)| (Vec::from(*name), Vec::from(*value));
    pairs.iter().map(one).collect()
}

fn joined(pairs: &Pairs) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in pairs {
        if !bytes.is_empty() {
            bytes.push(b'&');
        }
        bytes.extend(name);
        bytes.push(b'=');
        bytes.extend(value);
    }
    bytes
}

fn append(target: &mut Vec<u8>, bytes: &[u8]) {
    target.write_all(bytes).expect("memory");
}

const BAD_PERCENT: &[&[u8]] = &[b"%", b"%2", b"%GG", b"%%20", b"%u0041", b"%-1"];
const BAD_UTF8: &[&[u8]] = &[
    b"%FF%FE",
    b"%C0%AF",
    b"%ED%A0%80",
    b"%F4%90%80%80",
    b"\xff\xfe",
    b"\xc3",
];
const CONTROLS: &[&[u8]] = &[
    b"%00",
    b"\x00",
    b"%0D%0AX-Evil:%201",
    b"%1B[31m",
    b"%7F",
    b"\t",
    b"%E2%80%AE",
];
const ODD_VALUES: &[&str] = &[
    "",
    "null",
    "undefined",
    "-1",
    "0",
    "1e999",
    "99999999999999999999999999",
    "NaN",
    "true",
    "[]",
    "{}",
    "%F0%9F%98%80",
    "..%2F..%2F..%2Fetc%2Fpasswd",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "%27%20OR%201%3D1--",
    "http://[::1",
    "javascript:alert(1)",
    "a@b",
    "openid%20openid",
    "none%20login",
    "cs_rt_",
    "cs_co_AAAA",
    "eyJhbGciOiJub25lIn0.e30.",
    "..",
    "%20",
    "+",
    "*",
    "%25%32%35",
];
const METHODS: &[&str] = &[
    "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "GETT",
    "G", "POST", "GET", "", "GET GET", "M-SEARCH", "PRI",
];
const CONTENT_TYPES: &[&str] = &[
    "",
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    "application/jwt",
    "application/x-www-form-urlencoded,application/json",
    ";;;",
    "a/b/c",
    "\u{e9}",
];
const HOSTS: &[&str] = &[
    "",
    " ",
    "evil.example",
    "localhost:99999",
    "localhost:",
    "[::1",
    "[::1]",
    "127.0.0.1",
    "localhost@evil.example",
    "local host",
    "localhost/..",
    "\u{e9}",
    "localhost,localhost",
    "LOCALHOST",
    "127.1",
    "0x7f.1",
];
const LENGTHS: &[&str] = &[
    "-1",
    "0",
    "+5",
    "18446744073709551616",
    "1000000",
    "0x10",
    "5, 5",
    "5, 6",
    "",
    "1e3",
    "3",
];
const AUTHORIZATIONS: &[&str] = &[
    "",
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic Og==",
    "Basic YWxpY2U=",
    "Basic /////w==",
    "basic YTpi",
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Bearer ....",
    "DPoP x",
    "Negotiate x",
    "Bearer x, Bearer y",
    "Basic YTpiOmM6ZA==",
];
const VERSIONS: &[&str] = &[
    "HTTP/1.0",
    "HTTP/0.9",
    "HTTP/2.0",
    "HTTP/9.9",
    "HTTP/1.",
    "http/1.1",
    "",
    "HTTP/1.1 x",
];
const PATHS: &[&[u8]] = &[
    b"/", b"//", b"/..", b"/%2e%2e", b"%00", b"\x00", b"%", b";a=b", b"\\", b"?", b"#a", b"%FF",
    b" x", b"/a/b/c", b"\xff",
];
const ENCODINGS: &[&str] = &[
    "chunked",
    "gzip",
    "chunked, chunked",
    "identity",
    "xchunked",
    "chunked, identity",
    "",
];
const HEADERS: &[&str] = &[
    "Cookie",
    "Accept",
    "Accept-Language",
    "Origin",
    "Referer",
    "X-Forwarded-For",
    "Forwarded",
    "Expect",
    "Upgrade",
    "Range",
    "Content-Encoding",
    "Access-Control-Request-Method",
    "If-None-Match",
    "TE",
    "Trailer",
    "Connection",
    "X Bad",
    "",
    "DPoP",
    "X-Request-Id",
];
