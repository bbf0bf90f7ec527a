//! What was measured, and what was to be reached.

use std::time::Duration;

use super::Both;

/// An access token as long as real ones are; its claims are those of a service principal.
pub(super) const TOKEN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6IkhTMjNiN0RvN1RjYVUxUm9MSHdwSWwwUTkyTSJ9.",
    "eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tIiwiaXNzIjoiaHR0cHM6Ly9zdHMud2luZG93cy5uZXQvNzJmOTg4YmYvIiw",
    "iaWF0IjoxODAwMDAwMDAwLCJuYmYiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMzYwMH0.",
    "c2lnbmF0dXJlLXRoYXQtaXMtYXMtbG9uZy1hcy1vbmUtb2YtMjU2LWJ5dGVzLWJ1dC1tZWFucy1ub3RoaW5nLWF0LWFsbC1zaWduYXR1cmU",
    "tdGhhdC1pcy1hcy1sb25nLWFzLW9uZS1vZi0yNTYtYnl0ZXMtYnV0LW1lYW5zLW5vdGhpbmctYXQtYWxsLXNpZ25hdHVyZS10aGF0LWlzLW",
    "FzLWxvbmctYXMtb25lLW9mLTI1Ni1ieXRlcy1idXQtbWVhbnMtbm90aGluZy1hdC1hbGwtc2lnbmF0dXJl"
);

/// What a ratio is to be.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "peers"), allow(dead_code, reason = "there is nobody to be compared with"))]
pub(super) enum Limit {
    /// It tells of something, and is not to be anything.
    None,
    /// At most this share of theirs.
    Most(f64),
    /// At most this share was wanted, and cannot be reached for this reason. It decides nothing.
    GivenUp(f64, &'static str),
}

#[derive(Default)]
pub(super) struct Table {
    rows: Vec<[String; 5]>,
    missed: Vec<String>,
    given_up: Vec<String>,
}

impl Table {
    /// Two figures of the same unit.
    #[cfg_attr(not(feature = "peers"), allow(dead_code, reason = "there is nobody to be compared with"))]
    pub(super) fn ratio(&mut self, what: &str, unit: &str, [ours, theirs]: [f64; 2], limit: Limit) {
        let ratio = ours / theirs;
        let to_reach = match limit {
            Limit::None => String::new(),
            Limit::Most(most) => {
                if ratio > most {
                    self.missed.push(format!("{what}: {ratio:.2} of theirs, {most} was to be reached"));
                }
                format!("{most}")
            }
            Limit::GivenUp(most, why) => {
                self.given_up.push(format!("{what}: {ratio:.2} of theirs, {most} was wanted; {why}"));
                format!("{most}: given up")
            }
        };
        let [ours, theirs] = [ours, theirs].map(|figure| format!("{figure:.1} {unit}").trim().to_owned());
        self.rows.push([what.to_owned(), ours, theirs, format!("{ratio:.2}"), to_reach]);
    }

    /// What was counted, and whether ours is what it has to be.
    pub(super) fn count(&mut self, what: &str, seen: Both<String>, to_reach: &str, reached: bool) {
        if !reached {
            self.missed.push(format!("{what}: {}, {to_reach} was to be reached", seen.ours));
        }
        let theirs = seen.theirs.unwrap_or_default();
        self.rows.push([what.to_owned(), seen.ours, theirs, String::new(), to_reach.to_owned()]);
    }

    /// A time that ours has to stay below. It is judged where the build is one for speed.
    pub(super) fn in_time(&mut self, what: &str, ours: Duration, most: Duration) {
        if !cfg!(debug_assertions) && ours >= most {
            self.missed.push(format!("{what}: {ours:?}, less than {most:?} was to be reached"));
        }
    }

    /// Prints it as Markdown; gives the exit code.
    pub(super) fn print(&self) -> i32 {
        println!("| | entrada | `azure_identity` 1.0 | ratio | to reach |");
        println!("|---|---|---|---|---|");
        for row in &self.rows {
            println!("| {} |", row.join(" | "));
        }
        for given_up in &self.given_up {
            println!("given up: {given_up}");
        }
        for missed in &self.missed {
            println!("not reached: {missed}");
        }
        i32::from(!self.missed.is_empty())
    }
}
