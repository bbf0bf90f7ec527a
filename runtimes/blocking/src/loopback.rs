//! The browser's return: listeners and connections of one run.
//!
//! Everything here is non-blocking and is looked at in turn, so that no connection holds up another,
//! no thread outlives the run, and a cancelled call ends at once.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use entrada_core::effect::{LoopbackAction, LoopbackEvent, LoopbackFailure, MAX_REDIRECT, wants_more};
use entrada_core::secret::SecretBytes;
use entrada_host::listen::{MAX_CONNECTIONS, bind};

use crate::cancel::Cancel;

/// How often the sockets are looked at. A person does not notice.
const TICK: Duration = Duration::from_millis(10);

/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer may take to be taken.
const ANSWERING: Duration = Duration::from_secs(2);

/// How long the other side's last words are read, so that closing does not destroy the answer.
const PARTING: Duration = Duration::from_millis(250);

/// The sockets of one run.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    listeners: Vec<TcpListener>,
    waiting: Vec<Guest>,
    asking: Option<TcpStream>,
}

#[derive(Debug)]
struct Guest {
    stream: TcpStream,
    received: Vec<u8>,
    until: Instant,
}

enum Heard {
    Whole,
    Part,
    Gone,
}

impl Desk {
    pub(crate) fn perform(
        &mut self,
        action: LoopbackAction,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<LoopbackEvent, LoopbackFailure> {
        match action {
            LoopbackAction::Listen { port, hosts } => {
                *self = Desk::default();
                let (listeners, port) = bind(port, hosts)?;
                self.listeners = listeners;
                Ok(LoopbackEvent::Listening { port })
            }
            LoopbackAction::Accept => self.accept(limit, cancel),
            LoopbackAction::Answer(bytes) => {
                let stream = self.asking.take().ok_or(LoopbackFailure::Broken)?;
                answer(stream, &bytes, limit);
                Ok(LoopbackEvent::Answered)
            }
            _ => Err(LoopbackFailure::Unsupported),
        }
    }

    fn accept(&mut self, limit: Duration, cancel: &Cancel) -> Result<LoopbackEvent, LoopbackFailure> {
        if self.listeners.is_empty() {
            return Err(LoopbackFailure::Broken);
        }
        self.asking = None;
        let until = Instant::now() + limit;
        loop {
            self.welcome()?;
            if let Some(guest) = self.listen() {
                self.asking = Some(guest.stream);
                return Ok(LoopbackEvent::Request(SecretBytes::new(guest.received)));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !cancel.sleep(left.min(TICK)) {
                return Err(LoopbackFailure::TimedOut);
            }
        }
    }

    /// Takes in whoever is at the door. The longest silent goes when there is no more room.
    fn welcome(&mut self) -> Result<(), LoopbackFailure> {
        for listener in &self.listeners {
            loop {
                match listener.accept() {
                    Ok((stream, _)) if stream.set_nonblocking(true).is_ok() => {
                        if self.waiting.len() >= MAX_CONNECTIONS {
                            self.waiting.remove(0);
                        }
                        let until = Instant::now() + PATIENCE;
                        self.waiting.push(Guest { stream, received: Vec::new(), until });
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    // Whoever it was is gone again.
                    Ok(_) => {}
                    Err(error)
                        if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                    Err(_) => return Err(LoopbackFailure::Broken),
                }
            }
        }
        Ok(())
    }

    /// Hears everybody; the first whose request is whole is returned.
    fn listen(&mut self) -> Option<Guest> {
        let now = Instant::now();
        let mut at = 0;
        while let Some(guest) = self.waiting.get_mut(at) {
            match guest.hear() {
                Heard::Whole => return Some(self.waiting.remove(at)),
                Heard::Part if guest.until > now => at += 1,
                Heard::Part | Heard::Gone => drop(self.waiting.remove(at)),
            }
        }
        None
    }
}

impl Guest {
    fn hear(&mut self) -> Heard {
        let mut chunk = [0; 4096];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Heard::Gone,
                Ok(some) => self.received.extend_from_slice(&chunk[..some]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Heard::Part,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Heard::Gone,
            }
            self.received.truncate(MAX_REDIRECT);
            if !wants_more(&self.received) {
                return Heard::Whole;
            }
        }
    }
}

/// Writes the answer and closes in a way that leaves it readable. Whether it was taken is the other
/// side's affair.
fn answer(mut stream: TcpStream, bytes: &[u8], limit: Duration) {
    let span = limit.min(ANSWERING).max(Duration::from_millis(1));
    let ready = stream.set_nonblocking(false).and_then(|()| stream.set_write_timeout(Some(span)));
    if ready.and_then(|()| stream.write_all(bytes)).is_err() || stream.shutdown(Shutdown::Write).is_err() {
        return;
    }
    let until = Instant::now() + PARTING;
    let mut chunk = [0; 4096];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return;
        }
        if !matches!(stream.read(&mut chunk), Ok(some) if some > 0) {
            return;
        }
    }
}
