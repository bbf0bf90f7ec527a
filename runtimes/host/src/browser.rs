//! Opening the person's browser, without a shell in between.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use entrada_core::effect::BrowserFailure;
use entrada_core::environment::Environment;

use crate::command::quiet;
use crate::programs;

/// How long an opener is watched for a failure. Those that work are done, or become the browser.
const WATCH: Duration = Duration::from_millis(1000);

/// Opens the address in the browser that `$BROWSER` names, or else in the desktop's. The browser is
/// not waited for.
///
/// `$BROWSER` is a program, or a command line in which `%s` stands for the address; on Unix several,
/// with colons between. Words are split at blanks; there is no quoting.
///
/// # Errors
/// `NotFound` when nothing could be started, and when there is no screen to open anything on.
pub fn open(url: &str, environment: &Environment) -> Result<(), BrowserFailure> {
    let named = environment.get("BROWSER").map(|browser| named_lines(browser, url)).unwrap_or_default();
    if named.is_empty() && !has_screen(environment) {
        return Err(BrowserFailure::NotFound);
    }
    let usual = desktop_lines(url, environment);
    let opened =
        named.iter().chain(usual.iter().filter(|_| named.is_empty())).any(|line| start(line, environment));
    if opened { Ok(()) } else { Err(BrowserFailure::NotFound) }
}

fn named_lines(browser: &str, url: &str) -> Vec<Vec<String>> {
    let whole = Path::new(browser);
    if whole.is_absolute() && whole.is_file() {
        return vec![vec![browser.to_owned(), url.to_owned()]];
    }
    let entries: Vec<_> = if cfg!(unix) { browser.split(':').collect() } else { vec![browser] };
    let lines = entries.into_iter().map(|entry| {
        let mut words: Vec<_> = entry.split_whitespace().map(|word| word.replace("%s", url)).collect();
        if !words.is_empty() && !entry.contains("%s") {
            words.push(url.to_owned());
        }
        words
    });
    lines.filter(|words| !words.is_empty()).collect()
}

fn desktop_lines(url: &str, environment: &Environment) -> Vec<Vec<String>> {
    let openers: &[&[&str]] = if cfg!(target_os = "macos") {
        &[&["/usr/bin/open"]]
    } else if cfg!(windows) {
        &[&["rundll32", "url.dll,FileProtocolHandler"], &["explorer"]]
    } else if environment.get("WSL_DISTRO_NAME").is_some() {
        &[&["wslview"], &["xdg-open"], &["x-www-browser"], &["www-browser"]]
    } else {
        &[&["xdg-open"], &["x-www-browser"], &["www-browser"]]
    };
    let words = |opener: &&[&str]| opener.iter().copied().chain([url]).map(str::to_owned).collect();
    openers.iter().map(words).collect()
}

fn has_screen(environment: &Environment) -> bool {
    let set = |name| environment.get(name).is_some();
    cfg!(any(target_os = "macos", windows))
        || set("DISPLAY")
        || set("WAYLAND_DISPLAY")
        || set("WSL_DISTRO_NAME")
}

fn start(words: &[String], environment: &Environment) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let Some(program) = locate(program, environment) else { return false };
    let Ok(mut command) = quiet(&program, environment) else { return false };
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    let until = Instant::now() + WATCH;
    while Instant::now() < until {
        match child.try_wait() {
            // `explorer` says 1 whatever it did.
            Ok(Some(status)) => return status.success() || cfg!(windows),
            Ok(None) => thread::sleep(Duration::from_millis(10)),
            Err(_) => return false,
        }
    }
    // Somebody has to collect it when the person closes the browser.
    let reaper = thread::Builder::new().name("entrada-browser".to_owned());
    let _ = reaper.spawn(move || child.wait());
    true
}

fn locate(program: &str, environment: &Environment) -> Option<PathBuf> {
    let given = Path::new(program);
    if given.is_absolute() { Some(given.to_owned()) } else { programs::find(program, environment) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_variable() {
        let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(named_lines("firefox", "u"), [line(&["firefox", "u"])]);
        assert_eq!(named_lines("b --new %s -x", "u"), [line(&["b", "--new", "u", "-x"])]);
        assert_eq!(named_lines("b '--app=%s'", "u&$(x)"), [line(&["b", "'--app=u&$(x)'"])]);
        assert!(named_lines(" : ", "u").is_empty() || cfg!(windows));
        #[cfg(unix)]
        assert_eq!(named_lines("a:b %s", "u"), [line(&["a", "u"]), line(&["b", "u"])]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_screen_there_is_no_browser() {
        let environment = Environment::new().with("PATH", "/usr/bin:/bin");
        assert_eq!(open("https://x/", &environment), Err(BrowserFailure::NotFound));
        let none = environment.clone().with("BROWSER", "no-such-browser-here");
        assert_eq!(open("https://x/", &none), Err(BrowserFailure::NotFound));
    }

    #[cfg(unix)]
    #[test]
    fn the_address_reaches_the_program_as_one_argument() {
        use std::os::unix::fs::PermissionsExt;
        let folder = crate::files::tests::Folder::new("browser");
        let (script, seen) = (folder.path().join("b"), folder.path().join("seen"));
        std::fs::write(&script, format!("#!/bin/sh\nprintf '%s|' \"$@\" > {}\n", seen.display())).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let browser = format!("no-such-browser-here:{} --x %s", script.display());
        let environment = Environment::new().with("BROWSER", browser);
        open("https://x/?a=1&b=$(id);c", &environment).unwrap();
        assert_eq!(std::fs::read_to_string(seen).unwrap(), "--x|https://x/?a=1&b=$(id);c|");
        let failing = Environment::new().with("BROWSER", "/bin/false");
        assert_eq!(open("https://x/", &failing), Err(BrowserFailure::NotFound));
    }
}
