//! The manual: how to use entrada, how to write a driver, what is promised and what is not.
//!
//! Doc-only modules, so that every link and every example is compiled.
