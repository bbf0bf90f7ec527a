//! Refusals as Entra writes them, in the older form with line ends and the newer one with blanks: what is
//! told to people and to programs.

#[path = "refusals/support.rs"]
mod support;
#[path = "refusals/told.rs"]
mod told;
#[path = "refusals/whose.rs"]
mod whose;
