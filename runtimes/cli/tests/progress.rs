//! What a terminal shows while something takes its time, and that nothing of it is left or gets into a pipe.

#![cfg(unix)]

mod support;

use std::fs::File;
use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use entrada_emulator::config::{Policy, Replication};
use entrada_emulator::serve::Server;
use entrada_emulator::{Config, world};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use support::{Ended, as_app, emulator, entrada, run};

/// A pseudo terminal that is standard error of a command.
struct Terminal {
    master: File,
    parser: vt100::Parser,
    /// Everything that was written to it.
    written: Vec<u8>,
    child: Child,
}

impl Terminal {
    fn of(mut command: Command, arguments: &[&str]) -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let own = File::options().read(true).write(true).open(name).unwrap();
        tcsetwinsize(&own, Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        command.env("TERM", "xterm").args(arguments).stdout(Stdio::piped()).stderr(own);
        let child = command.spawn().unwrap();
        Terminal { master: master.into(), parser: vt100::Parser::new(24, 100, 0), written: Vec::new(), child }
    }

    /// Reads on; tells whether there was anything to read.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // The end of a pseudo terminal is an error on Linux.
        let count = self.master.read(&mut bytes).unwrap_or(0);
        self.written.extend_from_slice(&bytes[..count]);
        self.parser.process(&bytes[..count]);
        count > 0
    }

    fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Reads until this is on the screen.
    fn until(&mut self, text: &str) {
        while !self.screen().contains(text) {
            assert!(self.read(), "{text} never came: {}", self.screen());
        }
    }

    fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// Reads to the end: how the command ended, with what is on the screen then for standard error, and
    /// everything that was written there.
    fn end(mut self) -> (Ended, String) {
        while self.read() {}
        let output = self.child.wait_with_output().unwrap();
        assert_eq!(self.parser.screen().cursor_position().1, 0, "the next prompt begins a line");
        let ended = Ended::of(&output);
        let written = String::from_utf8(self.written).unwrap();
        assert!(!written.contains("eyJ") && !written.contains(world::SECRET), "{written}");
        (Ended { stderr: self.parser.screen().contents(), ..ended }, written)
    }
}

/// A directory whose servers are slow.
fn slow(application: u64) -> Server {
    let replication = Replication { application, credential: 1, ..Replication::default() };
    emulator(Config { policy: Policy { replication, ..Policy::default() }, ..Config::default() })
}

const CREATE: [&str; 5] = ["sp", "create", "--name", "x", "--wait"];

#[test]
fn a_wait_is_shown_and_leaves_nothing_behind() {
    let (server, other) = (slow(1), slow(1));
    let piped = std::thread::spawn(move || run(as_app(&other), CREATE));
    let mut terminal = Terminal::of(as_app(&server), &CREATE);
    terminal.until("wait 5.0 s (for the app registration to be known, 1/36)");
    terminal.until("wait 5.0 s (for the authority to know what is new, 1/36)");
    let (shown, written) = terminal.end();
    assert_eq!(shown.code, 0, "{shown:?}");
    let password = shown.json()["password"].as_str().unwrap().to_owned();
    assert!(!written.contains(&password), "a secret was shown");

    let piped = piped.join().unwrap();
    assert_eq!(piped.code, 0, "{piped:?}");
    let lines: Vec<_> = piped.stderr.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("warning: ") && lines[1] == "it signs in", "{piped:?}");
    assert_eq!(shown.stderr.trim_end(), piped.stderr.trim_end(), "the terminal ends with the same");
}

#[test]
fn an_interrupt_takes_the_line_away() {
    let server = slow(1000);
    let mut terminal = Terminal::of(as_app(&server), &CREATE);
    terminal.until("wait 5.0 s");
    terminal.interrupt();
    let (ended, _) = terminal.end();
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.stderr.starts_with("error: ") && !ended.stderr.contains("wait"), "{ended:?}");
    // The terminal folds its lines.
    let told = ended.stderr.replace('\n', "");
    assert!(told.contains("--app-id") && told.contains("entrada sp delete"), "{ended:?}");
}

#[test]
fn a_service_that_takes_its_time_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = format!("http://{}", listener.local_addr().unwrap());
    let mut command = entrada();
    command.env("AZURE_TENANT_ID", world::TENANT).env("AZURE_CLIENT_ID", world::APP);
    command.env("AZURE_CLIENT_SECRET", world::SECRET).env("ENTRADA_ALLOW_HTTP_LOOPBACK", "1");
    let arguments = ["token", "--credential", "client-secret", "--resource", "https://vault.azure.net"];
    let mut terminal = Terminal::of(command, &[&arguments[..], &["--authority", &authority]].concat());
    terminal.until(&format!("POST {authority}"));
    terminal.interrupt();
    let (ended, _) = terminal.end();
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.stderr.starts_with("error: ") && !ended.stderr.contains("POST"), "{ended:?}");
}
