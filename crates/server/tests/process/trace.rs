//! A system-call trace, read: whole calls, and whether an response waited for the disk.

use std::collections::HashMap;

/// One system call. strace cuts a call in two where another thread's comes between; here it is
/// whole again.
#[derive(Debug)]
pub struct Call {
    pub name: String,
    /// Arguments and result.
    pub text: String,
    /// The lines of the trace in which it was entered and left.
    pub begun: usize,
    pub ended: usize,
}

impl Call {
    fn is_on_log(&self) -> bool {
        let descriptor = self.text.split(',').next().unwrap_or("");
        descriptor.contains("sqlite3-wal>")
    }

    fn is_log_write(&self) -> bool {
        self.is_on_log() && matches!(self.name.as_str(), "pwrite64" | "write" | "pwritev")
    }

    /// A sync of the log that succeeded.
    fn is_log_sync(&self) -> bool {
        let is_sync = matches!(self.name.as_str(), "fdatasync" | "fsync");
        is_sync && self.is_on_log() && self.text.ends_with("= 0")
    }

    fn is_request(&self) -> bool {
        matches!(
            self.name.as_str(),
            "recvfrom" | "read" | "readv" | "recvmsg"
        ) && ["\"GET ", "\"POST "]
            .iter()
            .any(|method| self.text.contains(method))
    }

    fn is_answer(&self) -> bool {
        matches!(
            self.name.as_str(),
            "sendto" | "write" | "writev" | "sendmsg"
        ) && self.text.contains("\"HTTP/1.1 ")
    }
}

/// A request and its response, with what happened between them.
#[derive(Debug)]
pub struct Exchange<'t> {
    /// Method and path.
    pub request: String,
    pub status: u16,
    between: Vec<&'t Call>,
    answered: usize,
}

/// Reads a trace of all threads (`strace -f -yy`).
pub fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished: HashMap<&str, Call> = HashMap::new();
    let mut calls = Vec::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        if let Some(resumed) = rest.strip_prefix("<... ") {
            if let Some(mut call) = unfinished.remove(thread) {
                let (_, more) = resumed.split_once(" resumed>").unwrap_or(("", ""));
                call.text.push_str(more);
                call.ended = number;
                calls.push(call);
            }
            continue;
        }
        // Signals and ends of threads have no parenthesis after a name.
        let Some((name, text)) = rest.split_once('(') else {
            continue;
        };
        let call = |text: &str| Call {
            name: name.to_owned(),
            text: text.to_owned(),
            begun: number,
            ended: number,
        };
        match text.strip_suffix(" <unfinished ...>") {
            Some(begun) => _ = unfinished.insert(thread, call(begun)),
            None => calls.push(call(text)),
        }
    }
    calls.sort_by_key(|call| call.begun);
    calls
}

/// Requests and responses of one user, who waits for each response.
pub fn exchanges(calls: &[Call]) -> Vec<Exchange<'_>> {
    let mut exchanges = Vec::new();
    let mut request: Option<(&Call, Vec<&Call>)> = None;
    for call in calls {
        if call.is_request() {
            request = Some((call, Vec::new()));
        } else if call.is_answer() {
            let Some((asked, between)) = request.take() else {
                continue;
            };
            exchanges.push(Exchange {
                request: asked.quoted().split('?').next().unwrap_or("").to_owned(),
                status: call.status(),
                between,
                answered: call.begun,
            });
        } else if let Some((_, between)) = &mut request {
            between.push(call);
        }
    }
    exchanges
}

impl Call {
    /// The first words of what was read: `POST /token`.
    fn quoted(&self) -> &str {
        let (_, quoted) = self.text.split_once('"').unwrap_or(("", ""));
        quoted.split(" HTTP/1.1").next().unwrap_or(quoted)
    }

    fn status(&self) -> u16 {
        let (_, rest) = self.text.split_once("\"HTTP/1.1 ").unwrap_or(("", ""));
        rest.get(..3)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0)
    }
}

impl Exchange<'_> {
    pub fn wrote(&self) -> bool {
        self.between.iter().any(|call| call.is_log_write())
    }

    /// The log was written, then synced, and only then was the response begun.
    ///
    /// # Errors
    /// What was missing.
    pub fn is_durable(&self) -> Result<(), String> {
        self.is_synced_after(self.log_writes().max())
    }

    /// The same of the first write alone. The act woke another task, which may have written before
    /// the response was begun.
    ///
    /// # Errors
    /// What was missing.
    pub fn is_durable_before_others(&self) -> Result<(), String> {
        self.is_synced_after(self.log_writes().min())
    }

    /// When each write of the log had ended.
    fn log_writes(&self) -> impl Iterator<Item = usize> {
        let writes = self.between.iter().filter(|call| call.is_log_write());
        writes.map(|call| call.ended)
    }

    fn is_synced_after(&self, written: Option<usize>) -> Result<(), String> {
        let written = written.ok_or_else(|| format!("nothing was written: {self:#?}"))?;
        let synced = self
            .between
            .iter()
            .any(|call| call.is_log_sync() && call.begun > written && call.ended < self.answered);
        match synced {
            true => Ok(()),
            false => Err(format!("answered before it was synced: {self:#?}")),
        }
    }
}

#[test]
fn the_judge_of_traces_tells_the_right_order_from_the_wrong_ones() {
    const ASKED: &str = r#"7  recvfrom(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "POST /token HTTP/1.1\r\nHost"..., 8192, 0, NULL, NULL) = 300"#;
    const WRITTEN: &str =
        r#"8  pwrite64(5</d/countersign.sqlite3-wal>, "\1\2"..., 4096, 24) = 4096"#;
    const SYNCED: &str = "8  fdatasync(5</d/countersign.sqlite3-wal>) = 0";
    const SYNC_BEGUN: &str = "8  fdatasync(5</d/countersign.sqlite3-wal> <unfinished ...>";
    const SYNC_ENDED: &str = "8  <... fdatasync resumed>)      = 0";
    const SYNC_FAILED: &str =
        "8  fdatasync(5</d/countersign.sqlite3-wal>) = -1 EIO (Input/output error) (INJECTED)";
    const OTHER_SYNCED: &str = "8  fdatasync(4</d/countersign.sqlite3>) = 0";
    const ANSWERED: &str = r#"7  writev(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base="HTTP/1.1 200 OK\r\n"..., iov_len=99}], 1) = 99"#;
    for (lines, good) in [
        (&[ASKED, WRITTEN, SYNCED, ANSWERED][..], true),
        (&[ASKED, WRITTEN, SYNC_BEGUN, SYNC_ENDED, ANSWERED], true),
        (&[ASKED, WRITTEN, SYNC_BEGUN, ANSWERED, SYNC_ENDED], false),
        (&[ASKED, SYNCED, WRITTEN, ANSWERED], false),
        (&[ASKED, WRITTEN, SYNCED, WRITTEN, ANSWERED], false),
        (&[ASKED, WRITTEN, ANSWERED, SYNCED], false),
        (&[ASKED, WRITTEN, SYNC_FAILED, ANSWERED], false),
        (&[ASKED, WRITTEN, OTHER_SYNCED, ANSWERED], false),
        (&[ASKED, SYNCED, ANSWERED], false),
        (&[WRITTEN, SYNCED, ASKED, ANSWERED], false),
    ] {
        let calls = calls(&lines.join("\n"));
        let exchanges = exchanges(&calls);
        let [exchange] = exchanges.as_slice() else {
            panic!("one exchange: {exchanges:?}");
        };
        assert_eq!(exchange.request, "POST /token");
        assert_eq!(exchange.status, 200);
        assert_eq!(exchange.is_durable().is_ok(), good, "{lines:#?}");
    }
}
