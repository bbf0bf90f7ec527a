//! Entra's error numbers (`AADSTS50076` and the like): what each means and what helps.
//!
//! After [Microsoft's list](https://learn.microsoft.com/entra/identity-platform/reference-error-codes),
//! with numbers that are missing there from public reports. Microsoft advises programs not to branch
//! on them, since new and finer ones keep coming. So they serve here for hints, to know the few
//! failures that pass by themselves, and to tell "a person is needed" from "no"; the protocol's own
//! `error` (RFC 6749 section 5.2) comes first, and an unknown number changes nothing.

mod table;

use std::collections::BTreeSet;

pub use table::TABLE;

/// More digits than this are no error number.
const MOST_DIGITS: usize = 12;

/// One error number, and what is known about it.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The number, without `AADSTS`.
    pub number: u64,
    /// What a program can do about it.
    pub class: Class,
    /// What went wrong: a clause that starts small and has no final stop.
    pub cause: &'static str,
    /// What helps: a clause in the imperative, likewise.
    pub remedy: &'static str,
}

/// What a program can do about an error number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// The answer is no, and the same request gets it again until somebody changes something.
    Refused,
    /// A user has to sign in, answer a second factor or consent. For an app that signs in as itself
    /// that is a refusal.
    InteractionRequired,
    /// The service has a passing trouble: the same request may succeed a little later.
    Transient,
    /// A device code sign-in waits for its user (RFC 8628 section 3.5, `authorization_pending`).
    Pending,
    /// A device code sign-in was not finished in time (RFC 8628 section 3.5, `expired_token`).
    Expired,
}

/// What is known about this number.
#[must_use]
pub fn lookup(number: u64) -> Option<&'static Entry> {
    TABLE.binary_search_by_key(&number, |entry| entry.number).ok().and_then(|index| TABLE.get(index))
}

/// The first of these numbers about which something is known.
#[must_use]
pub fn first_known(numbers: &[u64]) -> Option<&'static Entry> {
    numbers.iter().find_map(|&number| lookup(number))
}

/// Every number that stands after `AADSTS` in a text, in order and without repetition.
#[must_use]
pub fn numbers_in(text: &str) -> Vec<u64> {
    let mut seen = BTreeSet::new();
    text.split("AADSTS").skip(1).filter_map(leading_number).filter(|number| seen.insert(*number)).collect()
}

fn leading_number(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).filter(|digits| digits.len() <= MOST_DIGITS)?.parse().ok()
}

/// The page on which Microsoft explains this number.
#[must_use]
pub fn help_link(number: u64) -> String {
    format!("https://login.microsoftonline.com/error?code={number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers_of(class: Class) -> Vec<u64> {
        TABLE.iter().filter(|entry| entry.class == class).map(|entry| entry.number).collect()
    }

    #[test]
    fn the_table_is_in_order() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].number < pair[1].number, "{} and {}", pair[0].number, pair[1].number);
        }
    }

    #[test]
    fn every_text_is_a_bare_clause() {
        for entry in TABLE {
            for text in [entry.cause, entry.remedy] {
                let number = entry.number;
                assert!(!text.is_empty() && text == text.trim(), "{number}: {text:?}");
                assert!(!text.ends_with(['.', ';', ',', ':']), "{number}: {text:?}");
                assert!(text.starts_with(|c: char| c.is_ascii_lowercase()), "{number}: {text:?}");
                assert!(!text.contains("  ") && !text.contains('\n'), "{number}: {text:?}");
            }
        }
    }

    #[test]
    fn the_classes_a_program_acts_on() {
        let transient = [50033, 50087, 70012, 80001, 80002, 90006, 90024, 90033, 90055];
        assert_eq!(numbers_of(Class::Transient), transient);
        assert_eq!(numbers_of(Class::Pending), [70016]);
        assert_eq!(numbers_of(Class::Expired), [70019, 70020]);
        let interaction = numbers_of(Class::InteractionRequired);
        for number in [50058, 50076, 50079, 50158, 50173, 65001, 70043, 500121, 700082, 700084] {
            assert!(interaction.contains(&number), "{number}");
        }
        for number in [50053, 50126, 53003, 53004, 70018, 90094, 700016, 7000215, 7000222] {
            assert!(!interaction.contains(&number), "{number}");
        }
    }

    #[test]
    fn finds_what_is_there() {
        for entry in TABLE {
            assert_eq!(lookup(entry.number), Some(entry));
        }
        assert_eq!(lookup(TABLE[0].number), TABLE.first());
        assert_eq!(lookup(TABLE[TABLE.len() - 1].number), TABLE.last());
        for missing in [0, 1, 15999, 50077, 999_999, 9_999_999, u64::MAX] {
            assert_eq!(lookup(missing), None, "{missing}");
        }
    }

    #[test]
    fn the_first_known_number_counts() {
        assert_eq!(first_known(&[]), None);
        assert_eq!(first_known(&[1, 2]), None);
        assert_eq!(first_known(&[1, 50079, 50076]).map(|entry| entry.number), Some(50079));
    }

    #[test]
    fn numbers_in_what_services_write() {
        let secret = "AADSTS7000215: Invalid client secret provided. Ensure it is the value.\r\n\
                      Trace ID: 255d1aef-8c98-452f-ac51-23d051240864 AADSTS50076 AADSTS";
        assert_eq!(numbers_in(secret), [7_000_215, 50076]);
        let tool = "ERROR: AADSTS50076: Due to a change (AADSTS50079). AADSTS50076\nStatus_400";
        assert_eq!(numbers_in(tool), [50076, 50079]);
        assert_eq!(numbers_in(r#"{"error_description":"AADSTS70016: ...\r\nAADSTS65001"}"#), [70016, 65001]);
    }

    #[test]
    fn numbers_in_any_text() {
        for text in ["", "AADSTS", "AADSTS-1", "AADSTS+5", "aadsts50076", "AADST50076", "AADSTS９"] {
            assert!(numbers_in(text).is_empty(), "{text:?}");
        }
        assert!(numbers_in("AADSTS999999999999999999999").is_empty());
        assert!(numbers_in("AADSTS9999999999999").is_empty());
        assert_eq!(numbers_in("AADSTS999999999999"), [999_999_999_999]);
        assert_eq!(numbers_in("AADSTS999999999999999999999 AADSTS50034"), [50034]);
        assert_eq!(numbers_in("エラーAADSTS50034：ユーザー、AADSTSé AADSTS90002é💥"), [50034, 90002]);
        assert_eq!(numbers_in("AADSTSAADSTS50034AADSTS0"), [50034, 0]);
    }

    #[test]
    fn links() {
        assert_eq!(help_link(50058), "https://login.microsoftonline.com/error?code=50058");
    }
}
