//! Where the agent puts its keys, and what a key may look like.
//!
//! Whoever answers at the agent's address names a file that is then read and sent back. So the file has
//! to be in the agent's own folder, be a key by its name, and be of a key's size.

use crate::effect::{FileContents, FileFailure};
use crate::environment::{Environment, System};
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// The most that a key file holds, in bytes.
pub(in super::super) const LIMIT: usize = 4096;

const LINUX: &str = "/var/opt/azcmagent/tokens";
const WINDOWS: &str = "AzureConnectedMachineAgent\\Tokens";

/// The folder that the agent puts its keys into, with the rules for paths of its system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFolder {
    path: String,
    windows: bool,
}

impl KeyFolder {
    /// The agent's folder on Linux: `/var/opt/azcmagent/tokens`.
    #[must_use]
    pub fn linux() -> KeyFolder {
        KeyFolder { path: LINUX.to_owned(), windows: false }
    }

    /// The agent's folder on Windows, below this `ProgramData`.
    ///
    /// # Errors
    /// `Configuration` when that is no absolute path of a drive.
    pub fn windows(program_data: &str) -> Result<KeyFolder, Error> {
        let base = program_data.trim_end_matches(['\\', '/']).replace('/', "\\");
        if !is_on_a_drive(&base) || steps_aside(&base, '\\') {
            return Err(Error::new(ErrorKind::Configuration, "ProgramData is not the path of a folder")
                .with_remedy("start the program with the variables of the system"));
        }
        Ok(KeyFolder { path: format!("{base}\\{WINDOWS}"), windows: true })
    }

    /// Another folder, for an agent that is played in a test: an absolute path with the rules of Linux.
    ///
    /// # Errors
    /// `Configuration` when it is not absolute, or has `.` or `..` in it.
    pub fn at(path: &str) -> Result<KeyFolder, Error> {
        let path = path.trim_end_matches('/');
        if !path.starts_with('/') || steps_aside(path, '/') {
            return Err(Error::new(
                ErrorKind::Configuration,
                "the folder of the keys is not an absolute path",
            ));
        }
        Ok(KeyFolder { path: path.to_owned(), windows: false })
    }

    /// The folder on this system, if the agent exists for it.
    pub(in super::super) fn of(environment: &Environment) -> Result<Option<KeyFolder>, Error> {
        match environment.system() {
            System::Linux => Ok(Some(KeyFolder::linux())),
            System::Windows => {
                let base = environment.get("ProgramData").or(environment.get("PROGRAMDATA"));
                KeyFolder::windows(base.unwrap_or_default()).map(Some)
            }
            System::Other => Ok(None),
        }
    }

    /// The file that a challenge names, if it may be read.
    pub(super) fn file(&self, named: &str) -> Option<String> {
        let (named, separator) =
            if self.windows { (named.replace('/', "\\"), '\\') } else { (named.to_owned(), '/') };
        let (folder, name) = named.rsplit_once(separator)?;
        let illegal = |c: char| c.is_control() || self.windows && "<>:\"/\\|?*".contains(c);
        let stem = name.strip_suffix(".key").or_else(|| {
            let at = name.len().checked_sub(4).filter(|at| self.windows && name.is_char_boundary(*at))?;
            name[at..].eq_ignore_ascii_case(".key").then_some(&name[..at])
        })?;
        let device = self.windows && is_device(stem);
        (self.is(folder) && !stem.is_empty() && !device && !name.contains(illegal))
            .then(|| format!("{}{separator}{name}", self.path))
    }

    fn is(&self, folder: &str) -> bool {
        if self.windows { folder.eq_ignore_ascii_case(&self.path) } else { folder == self.path }
    }

    /// Whether a path with its links resolved is the one that was meant: no link leads elsewhere.
    fn is_still(&self, meant: &str, resolved: &str) -> bool {
        if self.windows {
            resolved.strip_prefix(r"\\?\").unwrap_or(resolved).eq_ignore_ascii_case(meant)
        } else {
            resolved == meant
        }
    }

    /// The key in the file that was meant.
    pub(super) fn key(
        &self,
        meant: &str,
        result: Result<FileContents, FileFailure>,
    ) -> Result<Secret, Error> {
        let contents = result.map_err(|failure| unreadable(&failure, self.windows))?;
        if contents.resolved.to_str().is_none_or(|resolved| !self.is_still(meant, resolved)) {
            return Err(not_used("it is a link to a file elsewhere"));
        }
        let text = std::str::from_utf8(contents.bytes.expose()).ok();
        let text =
            text.map(|text| text.strip_suffix('\n').map_or(text, |t| t.strip_suffix('\r').unwrap_or(t)));
        match text {
            _ if contents.bytes.len() > LIMIT => Err(not_used("it is longer than 4096 bytes")),
            Some(key) if !key.is_empty() && key.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) => {
                Ok(Secret::new(key))
            }
            _ => Err(not_used("its contents cannot be a key")),
        }
    }
}

/// Whether a path begins at a drive: `C:\`.
fn is_on_a_drive(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && bytes.next() == Some(b'\\')
}

fn steps_aside(path: &str, separator: char) -> bool {
    path.contains(char::is_control)
        || path.split(separator).skip(1).any(|step| matches!(step, "" | "." | ".."))
}

/// Names that are devices in every folder of Windows, whatever follows their first dot.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |kind: &str| first.strip_prefix(kind).is_some_and(|rest| rest.chars().count() == 1);
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

fn not_used(why: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("the key file of the Azure Arc agent was not used: {why}"))
        .with_remedy("check who listens at the agent's address (IDENTITY_ENDPOINT), and the agent with `azcmagent show`")
}

fn unreadable(failure: &FileFailure, windows: bool) -> Error {
    let kind = match failure {
        FileFailure::Unsupported => ErrorKind::Unavailable,
        FileFailure::Mismatch => ErrorKind::Misuse,
        FileFailure::TimedOut => ErrorKind::Timeout,
        _ => ErrorKind::Refused,
    };
    let remedy = match failure {
        FileFailure::Denied | FileFailure::Hidden if windows => {
            "add the user to the local group Administrators or \"Hybrid agent extension applications\""
        }
        FileFailure::Denied | FileFailure::Hidden => {
            "add the user to the group himds, and sign in anew: `sudo usermod -aG himds $USER`"
        }
        _ => "check the agent with `azcmagent show`, and try again",
    };
    Error::new(kind, format!("the key of the Azure Arc agent could not be read: {failure}"))
        .with_remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = r"C:\ProgramData\AzureConnectedMachineAgent\Tokens";

    #[test]
    fn paths_of_linux() {
        let folder = KeyFolder::linux();
        for good in ["/var/opt/azcmagent/tokens/1.key", "/var/opt/azcmagent/tokens/a=b c.key"] {
            assert_eq!(folder.file(good).as_deref(), Some(good));
        }
        for bad in [
            "",
            "1.key",
            "/etc/passwd",
            "/etc/shadow.key",
            "/var/opt/azcmagent/tokens/1.txt",
            "/var/opt/azcmagent/tokens/1.KEY",
            "/var/opt/azcmagent/tokens/.key",
            "/var/opt/azcmagent/tokens/../x.key",
            "/var/opt/azcmagent/tokens/a/x.key",
            "/var/opt/azcmagent/tokens//x.key",
            "//var/opt/azcmagent/tokens/x.key",
            "/var/opt/azcmagent/./tokens/x.key",
            "/var/opt/azcmagent/tokensx/x.key",
            "/VAR/opt/azcmagent/tokens/x.key",
            "var/opt/azcmagent/tokens/x.key",
            "/var/opt/azcmagent/tokens/x\0.key",
            "/var/opt/azcmagent/tokens/x\n.key",
            "/var/opt/azcmagent/tokens/x.key/",
            r"\var\opt\azcmagent\tokens\x.key",
        ] {
            assert_eq!(folder.file(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn paths_of_windows() {
        let folder = KeyFolder::windows(r"C:\ProgramData\").unwrap();
        let meant = format!(r"{FOLDER}\1.key");
        for good in [&meant, &meant.replace('\\', "/"), &meant.to_lowercase()] {
            assert!(folder.file(good).unwrap().eq_ignore_ascii_case(&meant), "{good}");
        }
        assert_eq!(folder.file(&format!(r"{FOLDER}\1.KEY")).unwrap(), format!(r"{FOLDER}\1.KEY"));
        for name in [
            "1.txt",
            ".key",
            "..\\1.key",
            "a\\1.key",
            "1.key:x",
            "x:y.key",
            "CON.key",
            "nul.x.key",
            "com1.key",
            "a?.key",
            "é",
            "ékey",
        ] {
            assert_eq!(folder.file(&format!(r"{FOLDER}\{name}")), None, "{name}");
        }
        for bad in [
            r"C:\Windows\1.key",
            r"\\server\share\AzureConnectedMachineAgent\Tokens\1.key",
            r"\\?\C:\ProgramData\AzureConnectedMachineAgent\Tokens\1.key",
            r"D:\ProgramData\AzureConnectedMachineAgent\Tokens\1.key",
            r"C:ProgramData\AzureConnectedMachineAgent\Tokens\1.key",
            r"C:\ProgramData\.\AzureConnectedMachineAgent\Tokens\1.key",
        ] {
            assert_eq!(folder.file(bad), None, "{bad}");
        }
        for bad in ["", "ProgramData", r"\\server\share", r"C:\a\..\b", r"C:x", "C:"] {
            assert!(KeyFolder::windows(bad).is_err(), "{bad}");
        }
        assert!(folder.is_still(&meant, &format!(r"\\?\{meant}")));
        assert!(!folder.is_still(&meant, r"C:\Windows\1.key"));
    }

    #[test]
    fn keys() {
        let folder = KeyFolder::linux();
        let meant = "/var/opt/azcmagent/tokens/1.key";
        let key = |bytes: &[u8], resolved: &str| {
            folder.key(meant, Ok(FileContents { bytes: bytes.to_vec().into(), resolved: resolved.into() }))
        };
        for (bytes, text) in [("secret", "secret"), ("a b=\n", "a b="), ("x\r\n", "x")] {
            assert_eq!(key(bytes.as_bytes(), meant).unwrap().expose(), text);
        }
        assert!(key(&[b'x'; LIMIT], meant).is_ok());
        for bad in
            [&b""[..], b"\n", b"a\nb", b"a\0", b"a\r", b"x\n\n", b"\xff", "é".as_bytes(), &[b'x'; LIMIT + 1]]
        {
            assert!(key(bad, meant).is_err(), "{bad:?}");
        }
        assert!(key(b"root", "/etc/shadow").is_err());
        for failure in
            [FileFailure::Denied, FileFailure::TooLarge, FileFailure::NotFound, FileFailure::NotAFile]
        {
            assert_eq!(folder.key(meant, Err(failure)).unwrap_err().kind(), ErrorKind::Refused);
        }
    }

    #[test]
    fn folders_of_tests_are_absolute() {
        assert_eq!(KeyFolder::at("/tmp/x/").unwrap().file("/tmp/x/1.key").as_deref(), Some("/tmp/x/1.key"));
        for bad in ["", "/", "tmp", "/tmp/../etc", "/tmp//x", "/tmp/./x"] {
            assert!(KeyFolder::at(bad).is_err(), "{bad}");
        }
    }
}
