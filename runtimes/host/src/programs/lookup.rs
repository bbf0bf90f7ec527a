//! Where a program is looked for, by the rules of each system: text alone, no disk.

use entrada_core::Environment;
use entrada_core::environment::System;

/// What Windows runs of what a tool may be, in the order it is looked for: `az` is a batch file there, beside which
/// an older one may lie.
const EXTENSIONS: [&str; 3] = ["cmd", "exe", "bat"];

/// The rules of a system and what its environment says.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    system: System,
    path: &'a str,
    extensions: Option<&'a str>,
}

impl<'a> Lookup<'a> {
    /// By the rules of this system, what the environment's `PATH` says, and on Windows its `PATHEXT`.
    #[must_use]
    pub fn new(system: System, environment: &'a Environment) -> Lookup<'a> {
        let path = environment.get("PATH").unwrap_or_default();
        Lookup { system, path, extensions: environment.get("PATHEXT") }
    }

    /// The files that a program of this name may be, in order: in absolute folders alone. A name with a folder in it
    /// has none.
    #[must_use]
    pub fn candidates(&self, name: &str) -> Vec<String> {
        match self.system {
            System::Windows => self.of_windows(name),
            _ => self.of_unix(name),
        }
    }

    /// The first of them of which this is true.
    pub fn find(&self, name: &str, is_there: impl Fn(&str) -> bool) -> Option<String> {
        self.candidates(name).into_iter().find(|file| is_there(file))
    }

    fn of_unix(&self, name: &str) -> Vec<String> {
        if name.is_empty() || name.contains(['/', '\0']) || matches!(name, "." | "..") {
            return Vec::new();
        }
        let folders = self.path.split(':').filter(|folder| folder.starts_with('/'));
        folders.map(|folder| format!("{}/{name}", folder.trim_end_matches('/'))).collect()
    }

    fn of_windows(&self, name: &str) -> Vec<String> {
        // A name that ends in a blank or a dot is another name to Windows.
        if name.is_empty() || name.contains(['\\', '/', ':', '"', '\0']) || name.ends_with(['.', ' ']) {
            return Vec::new();
        }
        let folders = split_windows(self.path).into_iter().filter(|folder| is_absolute_on_windows(folder));
        let files = self.files(name);
        let within = |folder: String| {
            let folder = folder.trim_end_matches(['\\', '/']).to_owned();
            files.iter().map(move |file| format!("{folder}\\{file}")).collect::<Vec<_>>()
        };
        folders.flat_map(within).collect()
    }

    /// What the program's file may be called: with each extension that is run here, or as it is where it has one.
    fn files(&self, name: &str) -> Vec<String> {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        if extension.is_some_and(is_known) {
            return vec![name.to_owned()];
        }
        let run = |wanted: &str| {
            let all = self.extensions.unwrap_or_default().split(';');
            all.map(|one| one.trim().trim_start_matches('.')).any(|one| one.eq_ignore_ascii_case(wanted))
        };
        let some = EXTENSIONS.iter().any(|extension| run(extension));
        let here = EXTENSIONS.iter().filter(|extension| !some || run(extension));
        here.map(|extension| format!("{name}.{extension}")).collect()
    }
}

fn is_known(extension: &str) -> bool {
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// The entries of a `PATH` of Windows: quotes keep a semicolon in one.
fn split_windows(path: &str) -> Vec<String> {
    let (mut entries, mut quoted) = (vec![String::new()], false);
    for c in path.chars() {
        match c {
            '"' => quoted = !quoted,
            ';' if !quoted => entries.push(String::new()),
            c => entries.last_mut().expect("there is always one").push(c),
        }
    }
    entries
}

/// Whether a folder of Windows is one whatever the working directory and drive are: `C:\…` or `\\server\share\…`.
fn is_absolute_on_windows(folder: &str) -> bool {
    let is_slash = |c: &u8| matches!(c, b'\\' | b'/');
    match folder.as_bytes() {
        [drive, b':', slash, ..] => drive.is_ascii_alphabetic() && is_slash(slash),
        [one, two, server, ..] => is_slash(one) && is_slash(two) && server.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// A folder that only an administrator can put files into, to start programs in; nothing where Windows does not tell
/// which is its own (`SYSTEMROOT`).
pub(crate) fn safe_folder(system: System, root: Option<&str>) -> Option<String> {
    match system {
        System::Windows => root.filter(|root| is_absolute_on_windows(root)).map(str::to_owned),
        _ => Some("/bin".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_windows(variables: &[(&str, &str)], name: &str) -> Vec<String> {
        let environment: Environment = variables.iter().copied().collect();
        Lookup::new(System::Windows, &environment).candidates(name)
    }

    #[test]
    fn extensions_of_windows_in_their_order() {
        let of =
            |extensions: &str, name: &str| on_windows(&[("PATH", r"C:\a"), ("PATHEXT", extensions)], name);
        let all = [r"C:\a\az.cmd", r"C:\a\az.exe", r"C:\a\az.bat"];
        assert_eq!(of("", "az"), all);
        assert_eq!(of(".COM;.EXE;.BAT;.CMD;.VBS;.JS", "az"), all, "ours is the order");
        assert_eq!(of(".exe; .Bat", "az"), all[1..]);
        // What it says of nothing that we run says nothing.
        assert_eq!(of(".PY;.COM", "az"), all);
        assert_eq!(of("", "firefox.exe"), [r"C:\a\firefox.exe"]);
        assert_eq!(of("", "python3.12")[0], r"C:\a\python3.12.cmd");
        for name in
            ["", ".", "..", r"b\az", "b/az", "C:az", r"C:\b\az", "az.", "az ", "az:stream", "a\"z", "a\0"]
        {
            assert_eq!(of("", name), [""; 0], "{name}");
        }
    }

    #[test]
    fn folders_of_windows() {
        let of = |path: &str| {
            let files = on_windows(&[("PATH", path), ("PATHEXT", ".EXE")], "az");
            files.iter().map(|file| file.trim_end_matches(r"\az.exe").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of(r"C:\a;D:/b/;\\server\share\c\"), [r"C:\a", "D:/b", r"\\server\share\c"]);
        assert_eq!(of("\"C:\\Program Files;x\\a\";C:\\b"), [r"C:\Program Files;x\a", r"C:\b"]);
        for bad in [
            "",
            ";;",
            ".",
            "..",
            r".\a",
            "a",
            r"\a",
            "/a",
            "C:",
            "C:a",
            r"\\?\C:\a",
            r"\\.\pipe",
            r"1:\a",
            "%SystemRoot%",
        ] {
            assert_eq!(of(bad), [""; 0], "{bad}");
        }
        assert_eq!(on_windows(&[], "az"), [""; 0]);
    }

    #[test]
    fn the_first_folder_decides_then_the_extension() {
        let environment: Environment = [("PATH", r"C:\a;C:\b")].into_iter().collect();
        let lookup = Lookup::new(System::Windows, &environment);
        let find = |there: &[&str]| lookup.find("az", |file| there.contains(&file));
        assert_eq!(find(&[r"C:\b\az.cmd", r"C:\a\az.bat"]).as_deref(), Some(r"C:\a\az.bat"));
        assert_eq!(find(&[r"C:\a\az.exe", r"C:\a\az.cmd"]).as_deref(), Some(r"C:\a\az.cmd"));
        assert_eq!(find(&[r"C:\a\az", r"C:\a\az.ps1", r"C:\a\az.com"]), None);
        assert_eq!(find(&[]), None);
    }

    #[test]
    fn files_of_unix() {
        let environment: Environment = [("PATH", "/a::.:b:/c/:/usr/bin")].into_iter().collect();
        let lookup = Lookup::new(System::Linux, &environment);
        assert_eq!(lookup.candidates("az"), ["/a/az", "/c/az", "/usr/bin/az"]);
        for name in ["", ".", "..", "b/az", "/az", "az/"] {
            assert_eq!(lookup.candidates(name), [""; 0], "{name}");
        }
    }

    #[test]
    fn where_programs_are_started() {
        assert_eq!(safe_folder(System::Linux, None).as_deref(), Some("/bin"));
        assert_eq!(safe_folder(System::Windows, Some(r"D:\Windows")).as_deref(), Some(r"D:\Windows"));
        for bad in ["", " ", "Windows", r"\Windows", "C:", "."] {
            assert_eq!(safe_folder(System::Windows, Some(bad)), None, "{bad}");
        }
        assert_eq!(safe_folder(System::Windows, None), None, "no place is guessed");
    }
}
