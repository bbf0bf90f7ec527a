//! One conversation with the bus.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use super::address::{Address, Addresses};
use super::message::{BEGINNING, Body, Call, Came, Message, Signal, call};
use super::wire::{Malformed, Reader};

/// The longest line of the greeting, in bytes.
const LONGEST_LINE: usize = 1024;

/// The most signals that are remembered: a conversation is about one.
const MOST_TOLD: usize = 64;

/// Between two tries to get through to a bus that is busy.
const PAUSE: Duration = Duration::from_millis(5);

/// Why the bus, or somebody on it, did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum BusFailure {
    /// It could not be reached, or hung up.
    Io(ErrorKind),
    /// It does not let this user in.
    NotLetIn,
    /// It did not answer in time.
    TimedOut,
    /// What it said makes no sense.
    Malformed,
    /// Who was called refused: the name of the error.
    Refused(String),
}

impl From<Malformed> for BusFailure {
    fn from(_: Malformed) -> BusFailure {
        BusFailure::Malformed
    }
}

impl From<io::Error> for BusFailure {
    fn from(error: io::Error) -> BusFailure {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => BusFailure::TimedOut,
            kind => BusFailure::Io(kind),
        }
    }
}

/// A connection, on which everything has to happen before its end.
#[derive(Debug)]
pub(in crate::store) struct Connection {
    stream: UnixStream,
    serial: u32,
    until: Instant,
    /// What was told while something else was waited for.
    told: Vec<(Signal, Message)>,
}

impl Connection {
    /// Connects to the first of these sockets at which somebody is.
    pub(in crate::store) fn open(addresses: &Addresses, until: Instant) -> Result<Connection, BusFailure> {
        let mut failure = BusFailure::Io(ErrorKind::NotFound);
        for address in &addresses.0 {
            match socket(address, until) {
                Ok(stream) => {
                    let mut connection = Connection { stream, serial: 0, until, told: Vec::new() };
                    connection.greet()?;
                    return Ok(connection);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// From here on everything has to happen before then.
    pub(in crate::store) fn until(&mut self, until: Instant) {
        self.until = until;
    }

    /// Calls somebody; what they answer has to be of these types.
    pub(in crate::store) fn call<T>(
        &mut self,
        what: &Call<'_>,
        body: Body,
        (signature, read): (&str, impl FnOnce(&mut Reader<'_>) -> Result<T, Malformed>),
    ) -> Result<T, BusFailure> {
        self.serial += 1;
        let serial = self.serial;
        self.send(&call(what, serial, body))?;
        loop {
            let message = self.receive()?;
            match &message.kind {
                Came::Return(to) if *to == serial => return Ok(read(&mut message.body(signature)?)?),
                Came::Error(to, name) if *to == serial => return Err(BusFailure::Refused(name.clone())),
                Came::Signal(signal) => self.remember(signal.clone(), message),
                _ => {}
            }
        }
    }

    /// Waits until this is told; what comes with it has to be of these types.
    pub(in crate::store) fn hear<T>(
        &mut self,
        signal: &Signal,
        (signature, read): (&str, impl FnOnce(&mut Reader<'_>) -> Result<T, Malformed>),
    ) -> Result<T, BusFailure> {
        loop {
            let heard = self.told.iter().position(|(told, _)| told == signal);
            if let Some((_, message)) = heard.map(|at| self.told.swap_remove(at)) {
                return Ok(read(&mut message.body(signature)?)?);
            }
            let message = self.receive()?;
            if let Came::Signal(signal) = &message.kind {
                self.remember(signal.clone(), message);
            }
        }
    }

    fn remember(&mut self, signal: Signal, message: Message) {
        if self.told.len() < MOST_TOLD {
            self.told.push((signal, message));
        }
    }

    /// Says who this is (the D-Bus Specification, "Authentication Protocol"): whoever the kernel says has
    /// opened the socket. The bus gives the connection a name then.
    fn greet(&mut self) -> Result<(), BusFailure> {
        self.send(b"\0AUTH EXTERNAL\r\n")?;
        let mut line = self.line()?;
        if line.split(' ').next() == Some("DATA") {
            self.send(b"DATA\r\n")?;
            line = self.line()?;
        }
        if line.split(' ').next() != Some("OK") {
            return Err(BusFailure::NotLetIn);
        }
        self.send(b"BEGIN\r\n")?;
        let hello = Call {
            destination: "org.freedesktop.DBus",
            path: "/org/freedesktop/DBus",
            interface: "org.freedesktop.DBus",
            member: "Hello",
        };
        self.call(&hello, Body::default(), ("s", |reader| reader.string().map(|_| ())))
    }

    fn line(&mut self) -> Result<String, BusFailure> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            self.fill(&mut byte)?;
            line.extend(byte);
            if line.len() > LONGEST_LINE {
                return Err(BusFailure::Malformed);
            }
        }
        line.truncate(line.len() - 2);
        String::from_utf8(line).map_err(|_| BusFailure::Malformed)
    }

    fn receive(&mut self) -> Result<Message, BusFailure> {
        let mut beginning = [0; BEGINNING];
        self.fill(&mut beginning)?;
        let mut bytes = vec![0; Message::length(&beginning)?];
        bytes[..BEGINNING].copy_from_slice(&beginning);
        self.fill(&mut bytes[BEGINNING..])?;
        Ok(Message::parse(&bytes)?)
    }

    fn send(&mut self, mut bytes: &[u8]) -> Result<(), BusFailure> {
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(left(self.until)?))?;
            match self.stream.write(bytes) {
                Ok(0) => return Err(BusFailure::Io(ErrorKind::WriteZero)),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Fills all of it. Each read has what is left of the time, so that drops do not add up.
    fn fill(&mut self, mut into: &mut [u8]) -> Result<(), BusFailure> {
        while !into.is_empty() {
            self.stream.set_read_timeout(Some(left(self.until)?))?;
            match self.stream.read(into) {
                Ok(0) => return Err(BusFailure::Io(ErrorKind::UnexpectedEof)),
                Ok(read) => into = &mut into[read..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn left(until: Instant) -> Result<Duration, BusFailure> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(BusFailure::TimedOut),
        left => Ok(left),
    }
}

/// A socket that is connected. Connecting waits where too many others do, for as long as it takes: so it
/// is tried without waiting.
fn socket(address: &Address, until: Instant) -> Result<UnixStream, BusFailure> {
    let name = match address {
        Address::Path(path) => SocketAddrUnix::new(path.as_path()),
        #[cfg(target_os = "linux")]
        Address::Abstract(name) => SocketAddrUnix::new_abstract_name(name),
    };
    let name = name.map_err(io::Error::from)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket: OwnedFd =
        socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(io::Error::from)?;
    loop {
        match connect(&socket, &name) {
            Ok(()) => break,
            Err(Errno::AGAIN | Errno::INTR) => std::thread::sleep(PAUSE.min(left(until)?)),
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::thread;

    use super::*;
    use crate::files::tests::Folder;

    /// A bus that says this, and no more.
    fn bus_that_says(what: &'static [&'static [u8]]) -> (Folder, Addresses) {
        let folder = Folder::new("bus");
        let path = folder.path().join("bus");
        let listener = UnixListener::bind(&path).unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for part in what {
                let _ = stream.read(&mut [0; 512]);
                let _ = stream.write_all(part);
            }
            // Until the client goes.
            let _ = stream.read_to_end(&mut Vec::new());
        });
        (folder, Addresses(vec![Address::Path(path)]))
    }

    fn open(addresses: &Addresses, patience: Duration) -> Result<(), BusFailure> {
        Connection::open(addresses, Instant::now() + patience).map(|_| ())
    }

    const SOON: Duration = Duration::from_millis(50);
    const LATER: Duration = Duration::from_secs(60);

    #[test]
    fn who_says_nothing_is_not_waited_for_for_ever() {
        assert_eq!(open(&bus_that_says(&[]).1, SOON), Err(BusFailure::TimedOut));
        let (_folder, addresses) = bus_that_says(&[b"DATA\r\n", b"OK 1234\r\n"]);
        assert_eq!(open(&addresses, SOON), Err(BusFailure::TimedOut), "no name was given");
        let (_folder, addresses) = bus_that_says(&[b"OK"]);
        assert_eq!(open(&addresses, SOON), Err(BusFailure::TimedOut), "half a line");
    }

    /// The queue of a listener that accepts nobody fills up, and connecting to it would wait.
    #[test]
    fn who_lets_nobody_in_is_not_waited_for_for_ever() {
        let folder = Folder::new("full");
        let path = folder.path().join("bus");
        let address = SocketAddrUnix::new(path.as_path()).unwrap();
        let listener =
            socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
        rustix::net::bind(&listener, &address).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let _first = UnixStream::connect(&path).unwrap();
        let addresses = Addresses(vec![Address::Path(path)]);
        assert_eq!(open(&addresses, SOON), Err(BusFailure::TimedOut));
    }

    #[test]
    fn what_is_no_bus_is_told_apart() {
        let (_folder, addresses) = bus_that_says(&[b"REJECTED EXTERNAL\r\n"]);
        assert_eq!(open(&addresses, LATER), Err(BusFailure::NotLetIn));
        let (_folder, addresses) = bus_that_says(&[b"OK 12\r\n", b"HTTP/1.1 400 Bad Request\r\n"]);
        assert_eq!(open(&addresses, LATER), Err(BusFailure::Malformed));
        let nobody = Addresses(vec![Address::Path("/nowhere/bus".into())]);
        assert_eq!(open(&nobody, LATER), Err(BusFailure::Io(ErrorKind::NotFound)));
    }
}
