//! Accounts and tokens in files, changed by many processes at the same time.

mod kept;
mod locked;
mod processes;
mod support;
mod unreadable;
