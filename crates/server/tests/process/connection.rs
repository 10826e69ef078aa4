//! A connection that speaks HTTP/1.1 and tells a whole response from a cut one.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use countersign_testing::Answer;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// Longer than any response takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to the server on this port, opened when it is needed and kept.
pub struct Connection {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub fn new(port: u16) -> Connection {
        Connection { port, stream: None }
    }

    /// Sends a request and reads its response.
    ///
    /// # Errors
    /// The response did not arrive whole: it counts as none.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => open(self.port)?,
        };
        send(stream.get_mut(), method, path, headers, body)?;
        let response = read_response(&mut stream, method == "HEAD")?;
        if !response.header("connection").eq_ignore_ascii_case("close") {
            self.stream = Some(stream);
        }
        Ok(response)
    }
}

/// A new connection.
pub fn open(port: u16) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

/// Writes a request in one piece.
pub fn send(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<()> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if method == "POST" {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    stream.write_all(text.as_bytes())
}

/// Reads one whole response. Responses to HEAD have no body.
pub fn read_response(stream: &mut impl BufRead, to_head: bool) -> io::Result<Answer> {
    let status = line(stream)?;
    let status = status
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| status.strip_prefix("HTTP/1.0 "))
        .and_then(|rest| rest.get(..3))
        .and_then(|code| StatusCode::from_bytes(code.as_bytes()).ok())
        .ok_or_else(|| malformed(&status))?;
    let mut headers = HeaderMap::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed(&line))?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed(&line))?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| malformed(&line))?;
        headers.append(name, value);
    }
    let mut body = Vec::new();
    let length = headers.get("content-length");
    let is_chunked = headers.get("transfer-encoding").is_some();
    // RFC 9112, section 6.3.
    if to_head || status.is_informational() || status == StatusCode::NO_CONTENT {
    } else if is_chunked {
        while let Some(chunk) = chunk(stream)? {
            body.extend(chunk);
        }
    } else if let Some(length) = length {
        let length = length.to_str().ok().and_then(|text| text.parse().ok());
        body.resize(length.ok_or_else(|| malformed("content-length"))?, 0);
        stream.read_exact(&mut body)?;
    } else {
        stream.read_to_end(&mut body)?;
    }
    Ok(Answer {
        status,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn chunk(stream: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let size = line(stream)?;
    let size = usize::from_str_radix(&size, 16).map_err(|_| malformed(&size))?;
    let mut chunk = vec![0; size];
    stream.read_exact(&mut chunk)?;
    line(stream)?;
    Ok((size > 0).then_some(chunk))
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    stream.read_until(b'\n', &mut bytes)?;
    let line = bytes.strip_suffix(b"\r\n");
    let line = line.ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?;
    Ok(String::from_utf8_lossy(line).into_owned())
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.to_owned())
}
