//! Lists that come page by page.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Call, malformed};
use crate::effect::Reply;
use crate::error::Error;
use crate::exchange::Answer;
use crate::flow::{Cx, Flow};
use crate::run::Step;

/// More pages than this are a service that does not come to an end.
const MOST_PAGES: usize = 1000;

/// Reads a list to its end: `value`, and `nextLink` (Azure Resource Manager) or `@odata.nextLink`
/// (Microsoft Graph).
///
/// A link is followed as it stands, and only to the same scheme, host and port. A page may be empty and
/// still have a link. A link that was followed before, or more than a thousand pages, ends the reading
/// with `Malformed`.
#[derive(Debug)]
pub struct Pages {
    call: Call,
    pages: usize,
    followed: BTreeSet<String>,
    found: Vec<Value>,
}

impl Pages {
    /// The list that this call reads.
    #[must_use]
    pub fn new(call: Call) -> Pages {
        Pages { call, pages: 0, followed: BTreeSet::new(), found: Vec::new() }
    }

    /// Takes the items of a page, and tells the link to the next.
    fn take(&mut self, answer: &Answer) -> Result<Option<String>, Error> {
        let mut document = answer.object().cloned().ok_or_else(|| malformed(answer, "is not a list"))?;
        let Some(Value::Array(values)) = document.remove("value") else {
            return Err(malformed(answer, "has no list in it"));
        };
        self.found.extend(values);
        let link = document.remove("nextLink").or_else(|| document.remove("@odata.nextLink"));
        match link {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(link)) => Ok(Some(link).filter(|link| !link.is_empty())),
            Some(_) => Err(malformed(answer, "has a link to its next page that is not a link")),
        }
    }
}

impl Flow for Pages {
    type Output = Vec<Value>;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Vec<Value>> {
        let mut reply = reply;
        loop {
            let answer = crate::pump!(self.call.step(cx, reply.take()));
            self.pages += 1;
            let Some(link) = crate::check!(self.take(&answer)) else {
                return Step::Done(Ok(std::mem::take(&mut self.found)));
            };
            if self.pages >= MOST_PAGES {
                return Step::Done(Err(malformed(&answer, "goes on without end")));
            }
            self.call = crate::check!(self.call.follow(&link));
            if !self.followed.insert(link) {
                return Step::Done(Err(malformed(&answer, "goes round in circles")));
            }
        }
    }
}
