//! What can go wrong between a client and a service, as a decorator of answers.

mod alter;

use std::collections::BTreeMap;
use std::time::Duration;

use entrada_core::effect::{HttpFailure, HttpResponse, TlsFault};

use crate::choices::Choices;
pub use alter::http_date;

/// One thing that goes wrong with one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpFault {
    /// The transport fails; whether the request was received before it did.
    Fails(HttpFailure, bool),
    /// Nothing comes back before the deadline; whether the request was received.
    Silent(bool),
    /// The answer takes this many milliseconds.
    Slow(u32),
    /// The body ends after this many 256ths of it.
    Truncated(u8),
    /// Another status, with a body in that service's form and this demand for patience.
    Status(u16, Patience),
    /// A redirect to somebody else's place.
    Redirect(u16),
    /// Headers that stand twice, or make no sense.
    Headers,
    /// The content type is another.
    WrongType,
    /// A page instead of an answer, with this status.
    Page(u16),
    /// An error that repeats all that was sent.
    Echo(u16),
    /// More bytes than a client takes.
    Huge,
    /// No body.
    Empty,
    /// A field of the document is not what it should be.
    Mangled(u8),
    /// The id token in it is right but for this.
    IdToken(Lie),
}

/// What an id token says that is not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// It is of another sign-in.
    Nonce,
    /// It is for another app.
    Audience,
    /// Another authority issued it.
    Issuer,
    /// Another external tenant issued it.
    ExternalIssuer,
}

/// The forms in which a service asks to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Not at all.
    None,
    /// `Retry-After` in seconds.
    Seconds(u32),
    /// `Retry-After` as a date, this many seconds ahead.
    Date(u32),
    /// `retry-after-ms`.
    Millis(u32),
    /// `x-ms-retry-after-ms`.
    VendorMillis(u32),
    /// Nonsense.
    Nonsense(&'static str),
}

const ABSURD: [&str; 8] =
    ["", "-1", "soon", "99999999999999999999999", "1e9", "Thu, 99 Foo 2026", "0x10", "\u{e9}"];

/// What became of an exchange.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The answer.
    pub result: Result<HttpResponse, HttpFailure>,
    /// How long it took.
    pub took: Duration,
    /// How long the service demands to be left alone, where that is a plain demand to wait.
    pub demanded: Option<Duration>,
}

/// Which faults happen.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// How many of 256 exchanges go wrong.
    pub share: u8,
    /// How many of 256 steps the clocks are tampered with.
    pub clock_share: u8,
    /// How many of 256 steps get an old reply first.
    pub late_share: u8,
    /// What goes wrong with the exchange of this number, whatever the share.
    pub planned: BTreeMap<usize, HttpFault>,
    /// What goes wrong with every exchange that has no plan.
    pub always: Option<HttpFault>,
    exchanges: usize,
    happened: usize,
}

impl Faults {
    /// This fault in the exchange of this number (the first is 0), and no other.
    #[must_use]
    pub fn once(number: usize, fault: HttpFault) -> Faults {
        Faults { planned: BTreeMap::from([(number, fault)]), ..Faults::default() }
    }

    /// This fault in every exchange.
    #[must_use]
    pub fn always(fault: HttpFault) -> Faults {
        Faults { always: Some(fault), ..Faults::default() }
    }

    /// What goes wrong with the next exchange.
    pub fn next(&mut self, choices: &mut Choices<'_>) -> Option<HttpFault> {
        let number = self.exchanges;
        self.exchanges += 1;
        let planned = self.planned.get(&number).copied().or(self.always);
        let drawn = || (self.share > 0 && choices.chance(self.share)).then(|| draw(choices));
        let fault = planned.or_else(drawn);
        self.happened += usize::from(fault.is_some());
        fault
    }

    /// How many faults there were.
    #[must_use]
    pub fn happened(&self) -> usize {
        self.happened
    }

    /// How many exchanges there were.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.exchanges
    }
}

/// A fault of any kind. Those that a client can survive come more often, since the others end a run.
fn draw(choices: &mut Choices<'_>) -> HttpFault {
    match choices.weighted(&[
        (6, 0),
        (4, 1),
        (3, 2),
        (2, 3),
        (8, 4),
        (1, 5),
        (2, 6),
        (1, 7),
        (1, 8),
        (2, 9),
        (1, 10),
        (1, 11),
        (3, 12),
        (3, 13),
    ]) {
        0 => HttpFault::Fails(
            choices.pick(&[
                HttpFailure::Refused,
                HttpFailure::Broken,
                HttpFailure::Resolve,
                HttpFailure::Unreachable,
                HttpFailure::ConnectTimedOut,
                HttpFailure::TimedOut,
                HttpFailure::Proxy,
                HttpFailure::Tls(TlsFault::UnknownIssuer),
                HttpFailure::Tls(TlsFault::Expired),
            ]),
            choices.chance(128),
        ),
        1 => HttpFault::Silent(choices.chance(128)),
        2 => HttpFault::Slow(u32::from(choices.word())),
        3 => HttpFault::Truncated(choices.byte()),
        4 => {
            let status =
                choices.pick(&[503, 429, 500, 503, 408, 502, 504, 401, 403, 404, 410, 400, 407, 418, 599]);
            HttpFault::Status(status, patience(choices))
        }
        5 => HttpFault::Redirect(choices.pick(&[301, 302, 303, 307, 308, 300, 304])),
        6 => HttpFault::Headers,
        7 => HttpFault::WrongType,
        8 => HttpFault::Page(choices.pick(&[200, 403, 502, 511])),
        9 => HttpFault::Echo(choices.pick(&[400, 401, 403, 500, 200])),
        10 => HttpFault::Huge,
        11 => HttpFault::Empty,
        12 => HttpFault::Mangled(choices.byte()),
        _ => HttpFault::IdToken(choices.pick(&[Lie::Nonce, Lie::Audience, Lie::Issuer, Lie::ExternalIssuer])),
    }
}

fn patience(choices: &mut Choices<'_>) -> Patience {
    match choices.below(8) {
        0 | 1 => Patience::None,
        2 => Patience::Seconds(u32::from(choices.byte() % 64)),
        3 => Patience::Seconds(choices.pick(&[60, 61, 3600, u32::MAX])),
        4 => Patience::Date(u32::from(choices.byte())),
        5 => Patience::Millis(u32::from(choices.word())),
        6 => Patience::VendorMillis(u32::from(choices.word())),
        _ => Patience::Nonsense(choices.pick(&ABSURD)),
    }
}
