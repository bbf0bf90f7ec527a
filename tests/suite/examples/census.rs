//! Simulations per second, and how often each flow ends well: `cargo run --release -p entrada-tests
//! --example census [runs]`.

use std::time::Instant;

use entrada_tests::census::{count, line};
use entrada_tests::setups::Kind;

fn main() {
    let runs = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(2000);
    let start = Instant::now();
    for kind in Kind::ALL {
        let begun = Instant::now();
        let counted = count(kind, runs, 7);
        let rate = runs as f64 / begun.elapsed().as_secs_f64();
        println!("{} | {rate:.0} a second", line(kind, &counted));
    }
    let rate = (runs * Kind::ALL.len()) as f64 / start.elapsed().as_secs_f64();
    println!("{rate:.0} simulations a second on one core");
}
