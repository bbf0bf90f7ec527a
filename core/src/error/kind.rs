//! What can go wrong, and whose fault it is.

use std::fmt;

/// What happened, for a program to branch on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An option, a file or an address is wrong; nothing was sent.
    #[default]
    Configuration,
    /// This source of tokens does not exist here. A chain goes on to the next.
    Unavailable,
    /// The authority or the service said no: wrong secret, no consent, blocked by policy.
    Refused,
    /// The token is good, but its holder may not do this.
    Forbidden,
    /// A person has to sign in, or has to do more than before; see [`crate::Error::claims`].
    InteractionRequired,
    /// The person said no.
    Declined,
    /// The person did not finish in time.
    Expired,
    /// No connection, a broken one, or one that could not be trusted.
    Network,
    /// A limit in time passed.
    Timeout,
    /// The service kept failing, or asked to be left alone for longer than a call may wait.
    Service,
    /// The answer makes no sense.
    Malformed,
    /// The caller gave up.
    Cancelled,
    /// The driver broke the contract: a reply that was stale, foreign or given twice.
    Misuse,
    /// A flow took more steps than any legal exchange needs. A defect of the flow.
    Stuck,
}

/// Who can do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blame {
    /// Whoever configured this program.
    Caller,
    /// Whoever administers the tenant, the subscription or the app.
    Administrator,
    /// The person at the screen.
    Person,
    /// The network between, or the machine.
    Network,
    /// The service.
    Service,
    /// The program itself.
    Program,
}

impl ErrorKind {
    /// Every kind, in order.
    pub const ALL: [ErrorKind; 14] = [
        ErrorKind::Configuration,
        ErrorKind::Unavailable,
        ErrorKind::Refused,
        ErrorKind::Forbidden,
        ErrorKind::InteractionRequired,
        ErrorKind::Declined,
        ErrorKind::Expired,
        ErrorKind::Network,
        ErrorKind::Timeout,
        ErrorKind::Service,
        ErrorKind::Malformed,
        ErrorKind::Cancelled,
        ErrorKind::Misuse,
        ErrorKind::Stuck,
    ];

    /// The kind in kebab-case, as the command prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Configuration => "configuration",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Refused => "refused",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::InteractionRequired => "interaction-required",
            ErrorKind::Declined => "declined",
            ErrorKind::Expired => "expired",
            ErrorKind::Network => "network",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Service => "service",
            ErrorKind::Malformed => "malformed",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Misuse => "misuse",
            ErrorKind::Stuck => "stuck",
        }
    }

    /// What usually helps, where nothing better is known; nothing where the caller gave up.
    #[must_use]
    pub fn remedy(self) -> Option<&'static str> {
        Some(match self {
            ErrorKind::Configuration => "correct what it names, and try again",
            ErrorKind::Unavailable => "set it up here, or use another credential",
            ErrorKind::Refused => {
                "see what was said, and correct it; whoever administers the service finds the request in its logs"
            }
            ErrorKind::Forbidden => "have somebody who administers the resource give a role that allows it",
            ErrorKind::InteractionRequired => "sign in again",
            ErrorKind::Declined => "sign in again and accept",
            ErrorKind::Expired => "start again",
            ErrorKind::Network => "check the network and the proxy settings, and try again",
            ErrorKind::Timeout => "try again, or allow more time",
            ErrorKind::Service => "try again later",
            ErrorKind::Malformed => {
                "see what answers in its place, such as a proxy or a sign-in page of the network, and try again"
            }
            ErrorKind::Misuse | ErrorKind::Stuck => "this is a defect of the program: please report it",
            ErrorKind::Cancelled => return None,
        })
    }

    /// Who can do something about it.
    #[must_use]
    pub fn blame(self) -> Blame {
        match self {
            ErrorKind::Configuration | ErrorKind::Unavailable | ErrorKind::Cancelled => Blame::Caller,
            ErrorKind::Refused | ErrorKind::Forbidden => Blame::Administrator,
            ErrorKind::InteractionRequired | ErrorKind::Declined | ErrorKind::Expired => Blame::Person,
            ErrorKind::Network | ErrorKind::Timeout => Blame::Network,
            ErrorKind::Service | ErrorKind::Malformed => Blame::Service,
            ErrorKind::Misuse | ErrorKind::Stuck => Blame::Program,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
