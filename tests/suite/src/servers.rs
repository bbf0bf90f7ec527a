//! Servers on this machine that say what a test wants said, and remember what they heard.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A connection, plain or encrypted.
pub trait Io: Read + Write {}

impl<T: Read + Write> Io for T {}

/// What a server does with a connection and the request it brought.
pub type Answer = Arc<dyn Fn(&mut dyn Io, &[u8]) + Send + Sync>;

/// What a server does with a connection.
type Handle = Arc<dyn Fn(TcpStream, &Memory) + Send + Sync>;

/// A server on `127.0.0.1`, gone when dropped.
pub struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    asked: Receiver<()>,
    ended: Receiver<()>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that answers each request with these bytes, and closes.
    #[must_use]
    pub fn saying(answer: impl Into<Vec<u8>>) -> Server {
        let answer = answer.into();
        Server::start(None, Arc::new(move |io, _| drop(io.write_all(&answer))))
    }

    /// The same with TLS.
    #[must_use]
    pub fn saying_securely(answer: impl Into<Vec<u8>>, tls: Arc<ServerConfig>) -> Server {
        let answer = answer.into();
        Server::start(Some(tls), Arc::new(move |io, _| drop(io.write_all(&answer))))
    }

    /// A server that hears requests and never answers.
    #[must_use]
    pub fn silent() -> Server {
        // What is read here comes when the other side closes.
        Server::start(None, Arc::new(|io, _| drop(io.read(&mut [0; 64]))))
    }

    /// A server that closes every connection at once.
    #[must_use]
    pub fn hanging_up() -> Server {
        Server::raw(Arc::new(|stream, _| drop(stream)))
    }

    /// A server that does as it is told with each request.
    #[must_use]
    pub fn start(tls: Option<Arc<ServerConfig>>, answer: Answer) -> Server {
        Server::raw(Arc::new(move |stream, memory| serve(stream, tls.clone(), memory, &answer)))
    }

    /// A server that does as it is told with each connection.
    ///
    /// # Panics
    /// When there is no port for it.
    #[must_use]
    fn raw(handle: Handle) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::<AtomicUsize>::default();
        let stop = Arc::<AtomicBool>::default();
        let ((tell, asked), (end, ended)) = (channel(), channel());
        let memory = Memory { heard: Arc::default(), tell };
        let heard = memory.heard.clone();
        let accepting = {
            let (connections, stop) = (connections.clone(), stop.clone());
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    connections.fetch_add(1, Ordering::SeqCst);
                    let (handle, memory, end) = (handle.clone(), memory.clone(), end.clone());
                    thread::spawn(move || {
                        handle(stream, &memory);
                        let _ = end.send(());
                    });
                }
            })
        };
        Server { port, heard, connections, stop, asked, ended, accepting: Some(accepting) }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The requests so far, as they came.
    ///
    /// # Panics
    /// When a thread of the server panicked.
    #[must_use]
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().expect("what was heard").clone()
    }

    /// Waits until a request has come.
    ///
    /// # Panics
    /// When none can come any more.
    pub fn wait_for_request(&self) {
        self.asked.recv().expect("a request");
    }

    /// Waits until a connection is closed on this side.
    ///
    /// # Panics
    /// When none can be any more.
    pub fn wait_for_end(&self) {
        self.ended.recv().expect("an end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// What was heard, and who wants to know.
#[derive(Clone)]
struct Memory {
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    tell: Sender<()>,
}

impl Memory {
    fn remember(&self, request: Vec<u8>) {
        self.heard.lock().expect("what was heard").push(request);
        let _ = self.tell.send(());
    }
}

fn serve(stream: TcpStream, tls: Option<Arc<ServerConfig>>, memory: &Memory, answer: &Answer) {
    let plain = stream.try_clone();
    let mut io: Box<dyn Io> = match tls {
        None => Box::new(stream),
        Some(config) => match ServerConnection::new(config) {
            Ok(connection) => Box::new(StreamOwned::new(connection, stream)),
            Err(_) => return,
        },
    };
    let request = read_request(&mut *io);
    if request.is_empty() {
        return;
    }
    memory.remember(request.clone());
    answer(&mut *io, &request);
    let _ = io.flush();
    // The orderly end of a TCP stream; what the client still sends must not destroy the answer.
    if let Ok(plain) = plain {
        let _ = plain.shutdown(Shutdown::Write);
    }
}

/// One request: the head, and the body that `Content-Length` announces.
pub fn read_request(io: &mut dyn Io) -> Vec<u8> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while entrada_core::effect::wants_more(&request) {
        match io.read(&mut chunk) {
            Ok(some) if some > 0 => request.extend_from_slice(&chunk[..some]),
            _ => break,
        }
    }
    request
}

/// A response of this status with these headers and this body, after which the connection closes.
#[must_use]
pub fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} Something\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if status != 204 {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A proxy: it says `answer` to a request for a tunnel and, if that is 200, leads every tunnel to
/// `port` of this machine, wherever it was meant to go.
#[must_use]
pub fn proxy(answer: u16, port: u16) -> Server {
    Server::raw(Arc::new(move |mut client, memory| {
        let head = read_request(&mut client);
        if head.is_empty() {
            return;
        }
        memory.remember(head);
        let _ = client.write_all(format!("HTTP/1.1 {answer} Something\r\n\r\n").as_bytes());
        if let (200, Ok(host)) = (answer, TcpStream::connect(("127.0.0.1", port))) {
            carry(&client, &host);
        }
    }))
}

/// Carries bytes both ways until both sides are done.
fn carry(client: &TcpStream, host: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(|| one_way(client, host));
        one_way(host, client);
    });
}

fn one_way(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
