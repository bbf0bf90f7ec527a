//! What a chain says where none of its credentials gave a token.

use crate::error::{Attempt, Error, ErrorKind};

/// What most people have who have any of the tools.
const USUAL: &str = "azure-cli";

/// Every source that was tried is absent.
pub(crate) fn nothing(attempts: &[Attempt]) -> Error {
    let names: Vec<_> = attempts.iter().map(|attempt| attempt.source).collect();
    Error::new(ErrorKind::Unavailable, format!("no credential is available here; tried {}", names.join(", ")))
        .with_remedy(next_step(attempts))
}

/// The time was over while the last of these was asked; `rest` was not asked any more.
pub(super) fn out_of_time(attempts: &mut [Attempt], rest: &[&'static str]) -> Error {
    let asked = match attempts.last_mut() {
        Some(last) => {
            if last.outcome != ErrorKind::Timeout {
                // Of how it was cut off, nothing follows about whether it is there.
                last.message = format!("its time was over before it was done; by then: {}", last.message);
                last.remedy = Some("allow it more time, or see what it is waiting for".to_owned());
            }
            last.outcome = ErrorKind::Timeout;
            last.source
        }
        None => "nobody",
    };
    let not_asked = match rest {
        [] => String::new(),
        rest => format!("; not asked any more: {}", rest.join(", ")),
    };
    Error::new(ErrorKind::Timeout, format!("the time was over while {asked} was asked{not_asked}"))
        .with_remedy(format!("allow more time, or see what {asked} is waiting for"))
}

/// What to do about the source that is the likeliest to be wanted: one that is set up in part or broken,
/// else the tool that most people have.
fn next_step(attempts: &[Attempt]) -> String {
    let find = |wanted: &dyn Fn(&Attempt) -> bool| {
        attempts.iter().find(|attempt| attempt.remedy.is_some() && wanted(attempt))
    };
    let likeliest = find(&|attempt| attempt.nearly)
        .or_else(|| find(&|attempt| attempt.source == USUAL))
        .or_else(|| find(&|_| true));
    match (likeliest, attempts.len()) {
        (Some(Attempt { source, remedy: Some(remedy), .. }), 1) => format!("{source}: {remedy}"),
        (Some(Attempt { source, remedy: Some(remedy), .. }), _) => {
            format!("{source}: {remedy}; or set up another of them")
        }
        _ => "set up one of them".to_owned(),
    }
}
