//! Closing a connection whose peer may still be sending (RFC 9112, section 9.6).
//!
//! A socket that is closed with unread bytes resets the connection, and the reset can erase an
//! response that the peer has not read yet. So the sending half is closed first, and the rest of
//! the request is read and discarded until the peer closes too, or until it has had its time and
//! its bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Sleep;

/// What the rest of one connection's input may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) time: Duration,
    pub(super) bytes: u64,
}

/// One connection's way to its end.
#[derive(Debug)]
pub(super) struct Lingering {
    bytes_left: u64,
    deadline: Pin<Box<Sleep>>,
}

impl Lingering {
    /// Starts now.
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            bytes_left: patience.bytes,
            deadline: Box::pin(tokio::time::sleep(patience.time)),
        }
    }

    /// Completes when the connection may be closed.
    pub(super) fn poll<T: AsyncRead + Unpin>(
        &mut self,
        input: &mut T,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let mut space = [0; 8192];
        while self.bytes_left > 0 && self.deadline.as_mut().poll(context).is_pending() {
            match ready!(read(input, context, &mut space)) {
                Ok(0) | Err(_) => break,
                Ok(read) => self.bytes_left = self.bytes_left.saturating_sub(read),
            }
        }
        Poll::Ready(())
    }
}

fn read<T: AsyncRead + Unpin>(
    input: &mut T,
    context: &mut Context<'_>,
    space: &mut [u8],
) -> Poll<io::Result<u64>> {
    let mut buffer = ReadBuf::new(space);
    ready!(Pin::new(input).poll_read(context, &mut buffer))?;
    Poll::Ready(Ok(u64::try_from(buffer.filled().len()).unwrap_or(u64::MAX)))
}
