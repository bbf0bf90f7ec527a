//! What is shown on a terminal while something takes its time, and nowhere else.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entrada_blocking::TraceLine;
use entrada_core::effect::EffectKind;
use indicatif::{ProgressBar, ProgressStyle};

/// A line that says what is waited for, as long as it is. Nothing is drawn where standard error is not a
/// terminal.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<Mutex<Option<ProgressBar>>>);

impl Progress {
    /// The line, where there is a terminal to show it on.
    pub(crate) fn on_terminal() -> Option<Progress> {
        std::io::stderr().is_terminal().then(Progress::default)
    }

    /// Follows the work: a wait is shown, whatever comes next takes it away.
    pub(crate) fn follow(&self, line: &TraceLine) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = shown.take() {
            bar.finish_and_clear();
        }
        if let TraceLine::Effect { kind: EffectKind::Wait, summary } = line {
            let bar = ProgressBar::new_spinner().with_message(summary.clone());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            *shown = Some(bar);
        }
    }
}
