//! A desktop of the tests' own: a session bus with nobody else on it, and GNOME Keyring.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long programs may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The collection that is unlocked with the user's password.
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";

/// Nobody is started by the bus: neither another keyring nor a program that asks a person.
const BUS: &str = r#"<busconfig>
<type>session</type>
<listen>unix:dir=FOLDER</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/>
<allow own="*"/>
</policy>
</busconfig>
"#;

/// A session bus, and who is on it.
pub(crate) struct Desktop {
    home: tempfile::TempDir,
    bus: Child,
    address: String,
    keyring: Option<Child>,
}

impl Desktop {
    /// One without a keyring; nothing where the programs are missing, unless they are insisted on.
    pub(crate) fn bare() -> Option<Desktop> {
        let needed = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"];
        let missing: Vec<_> = needed.into_iter().filter(|name| !is_there(name)).collect();
        if !missing.is_empty() {
            let insisted = std::env::var_os("ENTRADA_REQUIRE_KEYRING").is_some();
            assert!(!insisted, "not on PATH: {}", missing.join(", "));
            eprintln!("SKIPPED: not on PATH: {}", missing.join(", "));
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("bus.conf");
        std::fs::write(&config, BUS.replace("FOLDER", home.path().to_str().unwrap())).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Some(Desktop { home, bus, address: address.trim().to_owned(), keyring: None })
    }

    /// One with a keyring that is unlocked.
    pub(crate) fn unlocked() -> Option<Desktop> {
        let mut desktop = Desktop::bare()?;
        desktop.start_keyring(Some("a password"));
        Some(desktop)
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let runtime = self.home().join("run");
        std::fs::create_dir_all(&runtime).unwrap();
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.home()).env("XDG_RUNTIME_DIR", runtime);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts the keyring, unlocked with a password or as it is.
    pub(crate) fn start_keyring(&mut self, password: Option<&str>) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if password.is_some() {
            command.arg("--unlock").stdin(Stdio::piped());
        }
        let mut keyring = command.spawn().unwrap();
        if let Some(password) = password {
            keyring.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        }
        self.keyring = Some(keyring);
        let until = Instant::now() + PATIENCE;
        while !self
            .said(&self.ask(
                "org.freedesktop.DBus",
                "/",
                &["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"],
            ))
            .contains("true")
        {
            assert!(Instant::now() < until, "the keyring did not come up");
        }
    }

    /// Ends the keyring, as at the end of a session.
    pub(crate) fn end_keyring(&mut self) {
        end(self.keyring.as_mut().unwrap());
        self.keyring = None;
    }

    /// Locks what is in the keyring.
    pub(crate) fn lock(&self) {
        let what = format!("array:objpath:{LOGIN}");
        let locked = self.service(&["org.freedesktop.Secret.Service.Lock", &what]);
        assert!(locked.contains(LOGIN), "{locked}");
    }

    /// The paths of the items that are ours.
    pub(crate) fn items(&self) -> usize {
        let found = self.service(&[
            "org.freedesktop.Secret.Service.SearchItems",
            "dict:string:string:application,entrada",
        ]);
        found.matches(LOGIN).count()
    }

    /// Stops the keyring in its tracks: it neither answers nor goes away.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.keyring.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn service(&self, call: &[&str]) -> String {
        self.said(&self.ask("org.freedesktop.secrets", "/org/freedesktop/secrets", call))
    }

    fn ask(&self, whom: &str, path: &str, call: &[&str]) -> std::process::Output {
        let mut command = self.command("dbus-send");
        command.args(["--session", "--print-reply", &format!("--dest={whom}"), path]).args(call);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    }

    fn said(&self, output: &std::process::Output) -> String {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.keyring.iter_mut().for_each(end);
        end(&mut self.bus);
    }
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn is_there(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file())
}
