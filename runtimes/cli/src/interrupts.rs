//! Ctrl-C, and a request to terminate.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entrada_blocking::Cancel;
use entrada_core::{Error, ErrorKind};

use crate::failure::{ErrorFormat, Failure};
use crate::progress::Progress;

/// What an interrupt does: it cancels what is going on, where that leaves something to clean up (a
/// tool's process, a listener); else it ends the command at once.
pub(crate) struct Interrupts {
    cancel: Cancel,
    cleans_up: Arc<AtomicBool>,
}

impl Interrupts {
    /// Catches interrupts from now on.
    pub(crate) fn catch(format: ErrorFormat, progress: Progress) -> Result<Interrupts, Error> {
        let (cancel, cleans_up) = (Cancel::new(), Arc::new(AtomicBool::new(false)));
        let (heard, waits) = (cancel.clone(), cleans_up.clone());
        let handler = move || {
            heard.cancel();
            if !waits.load(Ordering::SeqCst) {
                progress.clear();
                let _: ExitCode = Failure::of(Error::cancelled()).report(format);
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(handler)
            .map_err(|_| Error::new(ErrorKind::Configuration, "the interrupt signal cannot be caught"))?;
        Ok(Interrupts { cancel, cleans_up })
    }

    /// What an interrupt cancels, for work that ends by itself then.
    pub(crate) fn cancel(&self) -> &Cancel {
        self.cleans_up.store(true, Ordering::SeqCst);
        &self.cancel
    }
}
