//! What is shown on a terminal while something takes its time, and nowhere else.

use std::io::IsTerminal as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entrada_blocking::TraceLine;
use entrada_core::effect::EffectKind;
use indicatif::{ProgressBar, ProgressStyle};

/// What takes no longer than this is not worth a line.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line moves.
const BEAT: Duration = Duration::from_millis(120);

/// A line that says what is waited for, as long as it is. Nothing is drawn where standard error is not a
/// terminal.
#[derive(Clone, Default)]
pub(crate) struct Progress(Option<Arc<Mutex<Option<Line>>>>);

/// A line that is shown, or will be.
struct Line {
    bar: ProgressBar,
    /// Dropped with the line, before which it may have to be shown.
    _over: Option<Sender<()>>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress {
    /// The line, where there is a terminal to show it on.
    pub(crate) fn on_terminal() -> Progress {
        Progress(std::io::stderr().is_terminal().then(Arc::default))
    }

    /// Follows the work: what is done is shown until something else comes. A wait is shown at once, the rest
    /// when it takes its time; what shows a person something of its own, never.
    pub(crate) fn follow(&self, line: &TraceLine) {
        use EffectKind::{Forget, Loopback, OpenBrowser, Prompt, Token, Wait};
        self.put(match line {
            TraceLine::Effect { kind: Wait, summary } => Some((summary, Duration::ZERO)),
            TraceLine::Effect { kind: Token | Forget | Prompt | OpenBrowser | Loopback, .. } => None,
            TraceLine::Effect { summary, .. } => Some((summary, PATIENCE)),
            _ => None,
        });
    }

    /// Shows this while the work goes on, where it takes its time.
    #[cfg(feature = "create-cert")]
    pub(crate) fn during<T>(&self, what: &str, work: impl FnOnce() -> T) -> T {
        self.put(Some((what, PATIENCE)));
        let result = work();
        self.clear();
        result
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        self.put(None::<(&str, Duration)>);
    }

    fn put(&self, what: Option<(impl AsRef<str>, Duration)>) {
        let Some(shown) = &self.0 else { return };
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        // The old line goes before the new one comes.
        *shown = None;
        *shown = what.map(|(what, after)| Line::new(what.as_ref(), after));
    }
}

impl Line {
    fn new(what: &str, after: Duration) -> Line {
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        if after.is_zero() {
            bar.enable_steady_tick(BEAT);
            return Line { bar, _over: None };
        }
        let (over, told) = channel::<()>();
        let later = bar.clone();
        let wait = move || {
            if told.recv_timeout(after) == Err(RecvTimeoutError::Timeout) {
                later.enable_steady_tick(BEAT);
            }
        };
        // Without a thread there is no line, and no harm.
        let _ = std::thread::Builder::new().spawn(wait);
        Line { bar, _over: Some(over) }
    }
}
