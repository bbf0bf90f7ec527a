//! A kept token that is due for renewal while the authority cannot be had; and a refresh token that is refused while
//! there may be another.

#[path = "kept_due/desk.rs"]
mod desk;
#[path = "kept_due/due.rs"]
mod due;
#[path = "kept_due/people.rs"]
mod people;
#[path = "kept_due/refused.rs"]
mod refused;
