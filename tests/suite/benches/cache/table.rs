//! What was measured, and what was to be reached.

/// An access token as long as real ones are; its claims are those of a service principal.
pub(super) const TOKEN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6IkhTMjNiN0RvN1RjYVUxUm9MSHdwSWwwUTkyTSJ9.",
    "eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tIiwiaXNzIjoiaHR0cHM6Ly9zdHMud2luZG93cy5uZXQvNzJmOTg4YmYvIiw",
    "iaWF0IjoxODAwMDAwMDAwLCJuYmYiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMzYwMH0.",
    "c2lnbmF0dXJlLXRoYXQtaXMtYXMtbG9uZy1hcy1vbmUtb2YtMjU2LWJ5dGVzLWJ1dC1tZWFucy1ub3RoaW5nLWF0LWFsbC1zaWduYXR1cmU",
    "tdGhhdC1pcy1hcy1sb25nLWFzLW9uZS1vZi0yNTYtYnl0ZXMtYnV0LW1lYW5zLW5vdGhpbmctYXQtYWxsLXNpZ25hdHVyZS10aGF0LWlzLW",
    "FzLWxvbmctYXMtb25lLW9mLTI1Ni1ieXRlcy1idXQtbWVhbnMtbm90aGluZy1hdC1hbGwtc2lnbmF0dXJl"
);

#[derive(Default)]
pub(super) struct Table {
    rows: Vec<[String; 4]>,
    missed: Vec<String>,
}

impl Table {
    /// Two figures of the same unit, and the share of theirs that ours may be.
    pub(super) fn ratio(&mut self, what: &str, unit: &str, [ours, theirs]: [f64; 2], most: Option<f64>) {
        let ratio = ours / theirs;
        self.rows.push([
            what.to_owned(),
            format!("{ours:.1} {unit}"),
            format!("{theirs:.1} {unit}"),
            format!("{ratio:.2}"),
        ]);
        if most.is_some_and(|most| ratio > most) {
            self.missed
                .push(format!("{what}: {ratio:.2} of theirs, {:.2} was to be reached", most.unwrap_or(0.0)));
        }
    }

    /// Two figures, of which ours has to pass.
    pub(super) fn figure(&mut self, what: &str, [ours, theirs]: [String; 2], reached: bool) {
        if !reached {
            self.missed.push(format!("{what}: {ours}"));
        }
        self.rows.push([what.to_owned(), ours, theirs, String::new()]);
    }

    /// Prints it as Markdown; gives the exit code.
    pub(super) fn print(&self) -> i32 {
        println!("| | entrada | azure_identity 1.0 | ratio |");
        println!("|---|---|---|---|");
        for [what, ours, theirs, ratio] in &self.rows {
            println!("| {what} | {ours} | {theirs} | {ratio} |");
        }
        for missed in &self.missed {
            println!("not reached: {missed}");
        }
        i32::from(!self.missed.is_empty())
    }
}
