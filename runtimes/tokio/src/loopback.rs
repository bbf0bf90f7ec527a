//! The browser's return: listeners and connections of one run, gone with it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::task::{Context, Poll};
use std::time::Duration;

use entrada_core::effect::{LoopbackAction, LoopbackEvent, LoopbackFailure, MAX_REDIRECT, wants_more};
use entrada_core::secret::SecretBytes;
use entrada_host::listen::{MAX_CONNECTIONS, bind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer may take to be taken.
const ANSWERING: Duration = Duration::from_secs(2);

/// How long the other side's last words are read, so that closing does not destroy the answer.
const PARTING: Duration = Duration::from_millis(250);

/// A connection that has made its request.
type Guest = (TcpStream, Vec<u8>);

/// The sockets of one run. Each connection is heard by a task of its own; dropping ends them.
#[derive(Default)]
pub(crate) struct Desk {
    listeners: Vec<TcpListener>,
    hearing: JoinSet<Option<Guest>>,
    order: VecDeque<AbortHandle>,
    asking: Option<TcpStream>,
}

impl Desk {
    pub(crate) async fn perform(
        &mut self,
        action: LoopbackAction,
        limit: Duration,
    ) -> Result<LoopbackEvent, LoopbackFailure> {
        match action {
            LoopbackAction::Listen { port, hosts } => {
                *self = Desk::default();
                let (listeners, port) = bind(port, hosts)?;
                let ours = listeners.into_iter().map(TcpListener::from_std);
                self.listeners = ours.collect::<Result<_, _>>().map_err(|_| LoopbackFailure::Broken)?;
                Ok(LoopbackEvent::Listening { port })
            }
            LoopbackAction::Accept => {
                self.asking = None;
                let accepted = timeout(limit, poll_fn(|cx| self.poll_accept(cx))).await;
                let (stream, received) = accepted.unwrap_or(Err(LoopbackFailure::TimedOut))?;
                self.asking = Some(stream);
                Ok(LoopbackEvent::Request(SecretBytes::new(received)))
            }
            LoopbackAction::Answer(bytes) => {
                let stream = self.asking.take().ok_or(LoopbackFailure::Broken)?;
                answer(stream, &bytes, limit).await;
                Ok(LoopbackEvent::Answered)
            }
            _ => Err(LoopbackFailure::Unsupported),
        }
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Guest, LoopbackFailure>> {
        if self.listeners.is_empty() {
            return Poll::Ready(Err(LoopbackFailure::Broken));
        }
        for at in 0..self.listeners.len() {
            loop {
                match self.listeners[at].poll_accept(cx) {
                    Poll::Pending => break,
                    Poll::Ready(Ok((stream, _))) => self.welcome(stream),
                    // Whoever it was is gone again.
                    Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionAborted => {}
                    Poll::Ready(Err(_)) => return Poll::Ready(Err(LoopbackFailure::Broken)),
                }
            }
        }
        loop {
            match self.hearing.poll_join_next(cx) {
                Poll::Ready(Some(Ok(Some(guest)))) => return Poll::Ready(Ok(guest)),
                Poll::Ready(Some(_)) => {}
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Takes somebody in. The longest silent goes when there is no more room.
    fn welcome(&mut self, stream: TcpStream) {
        self.order.retain(|guest| !guest.is_finished());
        if self.order.len() >= MAX_CONNECTIONS
            && let Some(oldest) = self.order.pop_front()
        {
            oldest.abort();
        }
        self.order.push_back(self.hearing.spawn(hear(stream)));
    }
}

async fn hear(mut stream: TcpStream) -> Option<Guest> {
    let mut received = Vec::new();
    let hearing = async {
        let mut chunk = vec![0; 4096];
        while wants_more(&received) {
            match stream.read(&mut chunk).await {
                Ok(some) if some > 0 => received.extend_from_slice(&chunk[..some]),
                _ => return false,
            }
            received.truncate(MAX_REDIRECT);
        }
        true
    };
    let whole = timeout(PATIENCE, hearing).await == Ok(true);
    whole.then_some((stream, received))
}

/// Writes the answer and closes in a way that leaves it readable. Whether it was taken is the other
/// side's affair.
async fn answer(mut stream: TcpStream, bytes: &[u8], limit: Duration) {
    let writing = async {
        stream.write_all(bytes).await?;
        stream.shutdown().await
    };
    if !matches!(timeout(limit.min(ANSWERING), writing).await, Ok(Ok(()))) {
        return;
    }
    let parting = async {
        let mut chunk = vec![0; 4096];
        while matches!(stream.read(&mut chunk).await, Ok(some) if some > 0) {}
    };
    let _ = timeout(PARTING, parting).await;
}
