//! A place in a text, and the small things that are read from there on.

use super::Fault;
use super::chars::{Place, begins_name, continues_name, is_blank, is_legal, walk};

pub(super) type Read<T> = Result<T, Fault>;

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// A name, taken apart; the prefix may be empty.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) whole: &'a str,
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
}

impl<'a> Cursor<'a> {
    /// The beginning of a text, behind its byte-order mark.
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 } }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn fault<T>(&self, why: &'static str) -> Read<T> {
        Err(Fault { why, at: self.at })
    }

    /// Goes on behind this, if it comes next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        self.at += if there { token.len() } else { 0 };
        there
    }

    /// Goes on behind this, wherever it comes, and gives what stood before it.
    pub(super) fn until(&mut self, token: &str) -> Read<&'a str> {
        match self.rest().split_once(token) {
            Some((before, _)) => {
                self.at += before.len() + token.len();
                Ok(before)
            }
            None => self.fault("it ends too early"),
        }
    }

    /// Goes on behind blanks, and says whether there were any.
    pub(super) fn blanks(&mut self) -> bool {
        let rest = self.rest();
        let count = rest.len() - rest.trim_start_matches(is_blank).len();
        self.at += count;
        count > 0
    }

    /// `<?xml version="1.0" encoding="utf-8"?>`, where there is one.
    pub(super) fn declaration(&mut self) -> Read<()> {
        if !self.rest().strip_prefix("<?xml").is_some_and(|rest| rest.starts_with(is_blank)) {
            return Ok(());
        }
        self.at += "<?xml".len();
        let mut place = 0;
        loop {
            let blank = self.blanks();
            if self.take("?>") {
                return if place > 0 { Ok(()) } else { self.fault("its declaration has no version") };
            }
            if !blank {
                return self.fault("its declaration is malformed");
            }
            let (name, value) = self.attribute()?;
            place = match (name.whole, value) {
                ("version", "1.0") if place == 0 => 1,
                ("encoding", name) if place == 1 && is_utf8(name) => 2,
                ("standalone", "yes" | "no") if matches!(place, 1 | 2) => 3,
                ("encoding", _) => return self.fault("it is in another encoding than UTF-8"),
                _ => return self.fault("its declaration is malformed"),
            };
        }
    }

    pub(super) fn comment(&mut self) -> Read<()> {
        self.at += "<!--".len();
        let comment = self.until("--")?;
        if !comment.chars().all(is_legal) || !self.take(">") {
            return self.fault("a comment is malformed");
        }
        Ok(())
    }

    pub(super) fn name(&mut self) -> Read<Name<'a>> {
        let rest = self.rest();
        let end = rest.find(|c| !continues_name(c) && c != ':').unwrap_or(rest.len());
        let whole = &rest[..end];
        let (prefix, local) = whole.split_once(':').unwrap_or(("", whole));
        let is_name = |part: &str| part.starts_with(begins_name) && !part.contains(':');
        if !is_name(local) || !(is_name(prefix) || prefix.is_empty() && !whole.starts_with(':')) {
            return self.fault("a name is malformed");
        }
        self.at += end;
        Ok(Name { whole, prefix, local })
    }

    /// A name and a value, which is legal, but not decoded.
    pub(super) fn attribute(&mut self) -> Read<(Name<'a>, &'a str)> {
        let name = self.name()?;
        self.blanks();
        if !self.take("=") {
            return self.fault("an attribute has no value");
        }
        self.blanks();
        let quote = match (self.take("\""), self.rest().starts_with('\'')) {
            (true, _) => "\"",
            (false, true) => {
                self.at += 1;
                "'"
            }
            (false, false) => return self.fault("an attribute has no quotes"),
        };
        let value = self.until(quote)?;
        match walk(value, Place::Attribute, |_| ()) {
            Ok(()) => Ok((name, value)),
            Err(why) => self.fault(why),
        }
    }
}

fn is_utf8(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii"].iter().any(|known| known.eq_ignore_ascii_case(name))
}
