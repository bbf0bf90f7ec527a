//! Listening on this machine for the browser's return (RFC 8252 section 7.3).
//!
//! The driver accepts, reads, writes and closes; what a request means is decided in the core.

use std::fmt;

use super::{Outcome, Reply, Ticket};
use crate::secret::SecretBytes;
use crate::time::Mono;

/// The most that is read of one request, in bytes.
pub const MAX_REDIRECT: usize = 64 << 10;

/// A step at the listener.
#[derive(Debug)]
pub struct Loopback {
    pub(crate) action: LoopbackAction,
    pub(crate) deadline: Mono,
    pub(crate) ticket: Ticket,
}

/// What to do at the listener. It lives as long as the run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoopbackAction {
    /// Listen, on this port or on a free one; with [`LoopbackHosts::Both`], the same port on both
    /// addresses. Where the machine lacks IPv6 the IPv4 address alone will do.
    Listen {
        /// The port, or `None` for any that is free.
        port: Option<u16>,
        /// The addresses.
        hosts: LoopbackHosts,
    },
    /// Wait for the next whole request. A connection that says nothing must not hold up another:
    /// browsers open some in advance.
    Accept,
    /// Send these bytes to whoever made the last request, and close that connection.
    Answer(Vec<u8>),
}

/// Which loopback addresses to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoopbackHosts {
    /// `127.0.0.1` and `[::1]`: what a browser may take `localhost` to be.
    Both,
    /// `127.0.0.1`.
    V4,
    /// `[::1]`.
    V6,
}

impl Loopback {
    /// What to do.
    #[must_use]
    pub fn action(&self) -> &LoopbackAction {
        &self.action
    }

    /// What to do, and the ticket to answer with.
    #[must_use]
    pub fn split(self) -> (LoopbackAction, LoopbackTicket) {
        (self.action, LoopbackTicket(self.ticket))
    }

    pub(crate) fn summary(&self) -> String {
        match &self.action {
            LoopbackAction::Listen { port: Some(port), .. } => {
                format!("listen on port {port} of this machine")
            }
            LoopbackAction::Listen { port: None, .. } => "listen on a free port of this machine".to_owned(),
            LoopbackAction::Accept => "wait for the browser".to_owned(),
            LoopbackAction::Answer(bytes) => format!("answer the browser ({} bytes)", bytes.len()),
        }
    }
}

/// Answers one [`Loopback`].
#[derive(Debug)]
#[must_use]
pub struct LoopbackTicket(Ticket);

impl LoopbackTicket {
    /// The reply: what happened, or what went wrong.
    pub fn reply(self, result: Result<LoopbackEvent, LoopbackFailure>) -> Reply {
        Reply { ticket: self.0, outcome: Outcome::Loopback(result) }
    }
}

/// What happened at the listener.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoopbackEvent {
    /// It listens on this port.
    Listening {
        /// The port.
        port: u16,
    },
    /// Somebody made this request; at most [`MAX_REDIRECT`] bytes, as they came.
    Request(SecretBytes),
    /// The answer was sent, as far as the other side took it.
    Answered,
}

impl LoopbackEvent {
    pub(crate) fn summary(&self) -> String {
        match self {
            LoopbackEvent::Listening { port } => format!("listening on port {port}"),
            LoopbackEvent::Request(bytes) => format!("a request of {} bytes", bytes.len()),
            LoopbackEvent::Answered => "answered".to_owned(),
        }
    }
}

/// What went wrong at the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoopbackFailure {
    /// The port is taken, or no port could be had.
    PortTaken,
    /// The listener broke.
    Broken,
    /// Nobody came in time.
    TimedOut,
    /// The driver does not listen.
    Unsupported,
    /// The reply was of another kind.
    Mismatch,
}

impl fmt::Display for LoopbackFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LoopbackFailure::PortTaken => "the port is taken",
            LoopbackFailure::Broken => "the listener broke",
            LoopbackFailure::TimedOut => "nobody came in time",
            LoopbackFailure::Unsupported => "this driver does not listen",
            LoopbackFailure::Mismatch => "the reply is not that of a listener",
        })
    }
}

/// Whether the bytes read so far are only the beginning of an HTTP/1 request: the driver reads on
/// while this says so, up to [`MAX_REDIRECT`].
#[must_use]
pub fn wants_more(received: &[u8]) -> bool {
    if received.len() >= MAX_REDIRECT {
        return false;
    }
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
        return true;
    };
    let body = received.len() - (end + 4);
    let Ok(head) = std::str::from_utf8(&received[..end]) else {
        return false;
    };
    let length = head.split("\r\n").skip(1).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body < length.min(MAX_REDIRECT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_to_their_end() {
        for (bytes, more) in [
            ("", true),
            ("GET / HTTP/1.1\r\nHost: x\r\n", true),
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", false),
            ("POST / HTTP/1.1\r\ncontent-LENGTH: 3\r\n\r\nab", true),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", false),
            ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", false),
            ("\u{e9}\r\n\r\n", false),
        ] {
            assert_eq!(wants_more(bytes.as_bytes()), more, "{bytes:?}");
        }
        assert!(!wants_more(&vec![b'a'; MAX_REDIRECT]));
    }
}
