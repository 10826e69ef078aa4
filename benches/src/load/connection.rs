//! As little HTTP/1.1 as a load generator needs: a larger client would take longer than what it
//! measures. Requests are bytes made beforehand; responses have a Content-Length.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;

/// A connection that is kept alive.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A response, valid until the next request is sent.
pub struct Answer<'a> {
    pub status: u16,
    head: &'a str,
    pub body: &'a str,
}

impl Connection {
    /// Connects to a server on this machine.
    ///
    /// # Errors
    /// If the server does not accept the connection.
    pub async fn open(port: u16) -> Result<Connection> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            received: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request, and reads its response.
    ///
    /// # Errors
    /// If the connection is closed, or the response is not HTTP with a length.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let (head, whole) = loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed a connection".into());
            }
            if let Some((head, whole)) = lengths(&self.received)?
                && self.received.len() >= whole
            {
                break (head, whole);
            }
        };
        let head = std::str::from_utf8(self.received.get(..head).unwrap_or_default())?;
        let body = self.received.get(head.len()..whole).unwrap_or_default();
        Ok(Answer {
            status: head.get(9..12).ok_or("no status")?.parse()?,
            head,
            body: std::str::from_utf8(body)?,
        })
    }
}

impl<'a> Answer<'a> {
    /// Values of a header, by its name in lower case.
    pub fn headers(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.split("\r\n").filter_map(move |line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// This response if it has the expected status, else an error that shows it.
    ///
    /// # Errors
    /// If it has another status.
    pub fn expect(self, status: u16) -> Result<Answer<'a>> {
        if self.status == status {
            return Ok(self);
        }
        let body: String = self.body.chars().take(400).collect();
        Err(format!("expected {status}: {}{body}", self.head).into())
    }

    /// The body.
    pub fn text(&self) -> &'a str {
        self.body
    }

    /// A text member of a flat JSON object.
    ///
    /// # Errors
    /// If there is no such member.
    pub fn json_text(&self, name: &str) -> Result<&'a str> {
        self.between(&format!("\"{name}\":\""), "\"")
    }

    /// The text between two others in the body.
    ///
    /// # Errors
    /// If the body does not contain both.
    pub fn between(&self, start: &str, end: &str) -> Result<&'a str> {
        self.body
            .split_once(start)
            .and_then(|(_, rest)| rest.split_once(end))
            .map(|(value, _)| value)
            .ok_or_else(|| format!("no {start} in {}", self.body).into())
    }
}

/// The lengths of the head and of the whole response, once the head is there.
fn lengths(received: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = end + 4;
    let text = std::str::from_utf8(received.get(..head).unwrap_or_default())?;
    let length = text
        .split("\r\n")
        .find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim())
        })
        .map_or(Ok(0), str::parse::<usize>)?;
    if text.contains("transfer-encoding") {
        return Err("a response without a length".into());
    }
    Ok(Some((head, head + length)))
}

/// A GET; `headers` are whole lines, each with its line end.
pub fn get(port: u16, path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{headers}\r\n").into_bytes()
}

/// A POST of a form.
pub fn post_form(port: u16, path: &str, headers: &str, form: &[(&str, &str)]) -> Vec<u8> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let body = body.finish();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{headers}\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_whole_when_its_head_and_body_are() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(lengths(&text[..20]).expect("reads"), None);
        assert_eq!(lengths(text).expect("reads"), Some((38, 43)));
        let empty = b"HTTP/1.1 303 See Other\r\nlocation: /\r\n\r\n";
        assert_eq!(lengths(empty).expect("reads"), Some((39, 39)));
        assert!(lengths(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
