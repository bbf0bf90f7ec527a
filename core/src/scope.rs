//! Scopes: what a token is for.

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::mark::Mark;

/// The scopes OpenID Connect reserves; a user flow adds them by itself.
const RESERVED: [&str; 3] = ["openid", "profile", "offline_access"];

/// One or more scopes of one resource, each legal on the wire (RFC 6749 section 3.3), in the order
/// given and without repeats. Clones share the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// With a blank between two.
    joined: Arc<str>,
    mark: u64,
}

impl Scopes {
    /// The scopes in `scopes`, where an item may hold several with blanks between.
    ///
    /// # Errors
    /// `Configuration` when there is none, one has illegal characters, or one is reserved.
    pub fn new<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Result<Scopes, Error> {
        // The mark is a sum, since a set has no order.
        let (mut joined, mut mark) = (String::new(), 0u64);
        for item in scopes {
            for scope in item.as_ref().split_whitespace() {
                check(scope)?;
                if joined.split(' ').all(|known| known != scope) {
                    let between = if joined.is_empty() { "" } else { " " };
                    joined.extend([between, scope]);
                    mark = mark.wrapping_add(Mark::of(scope));
                }
            }
        }
        if joined.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "no scope was given")
                .with_remedy("name what the token is for, such as https://management.azure.com/.default"));
        }
        Ok(Scopes { joined: joined.into(), mark })
    }

    /// Everything the app was given on `resource`: the resource and `/.default`.
    ///
    /// # Errors
    /// As for [`Scopes::new`].
    pub fn of_resource(resource: &str) -> Result<Scopes, Error> {
        if resource.trim().is_empty() {
            return Scopes::new([""]);
        }
        Scopes::new([format!("{}/.default", resource.trim())])
    }

    /// The scopes one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.joined.split(' ')
    }

    /// A number that equal sets share, and others hardly ever.
    pub(crate) fn mark(&self) -> u64 {
        self.mark
    }

    /// Whether these are the same as others, whatever the order.
    #[must_use]
    pub fn is_same_set(&self, other: &Scopes) -> bool {
        // Neither has repeats.
        let same = || {
            self.iter().count() == other.iter().count()
                && self.iter().all(|scope| other.iter().any(|known| known == scope))
        };
        // Those of a handle are the very ones that are kept.
        let shared = Arc::ptr_eq(&self.joined, &other.joined);
        shared || self.joined == other.joined || (self.mark == other.mark && same())
    }

    /// How the wire has them: one text, separated by blanks.
    #[must_use]
    pub fn joined(&self) -> &str {
        &self.joined
    }

    /// As [`Scopes::joined`], with the scopes that a sign-in needs for an id token and a refresh
    /// token.
    #[must_use]
    pub fn for_sign_in(&self) -> String {
        format!("{} {}", self.joined(), RESERVED.join(" "))
    }

    /// The one scope there is, for sources that give a token for one thing only.
    ///
    /// # Errors
    /// `Configuration` when there are several.
    pub fn single(&self) -> Result<&str, Error> {
        match self.iter().count() {
            1 => Ok(&self.joined),
            many => Err(Error::new(
                ErrorKind::Configuration,
                format!("{many} scopes were given, but this source takes exactly one"),
            )
            .with_remedy("ask for one scope at a time, or for RESOURCE/.default")),
        }
    }

    /// The one scope as a resource: without its ending `/.default`, taken off once. A trailing
    /// slash before that stays, since some audiences end in one.
    ///
    /// # Errors
    /// As for [`Scopes::single`].
    pub fn resource(&self) -> Result<&str, Error> {
        let scope = self.single()?;
        Ok(scope.strip_suffix("/.default").filter(|rest| !rest.is_empty()).unwrap_or(scope))
    }
}

fn check(scope: &str) -> Result<(), Error> {
    // scope-token of RFC 6749: visible ASCII but for the quotation mark and the backslash.
    let legal = scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if !legal {
        return Err(Error::new(ErrorKind::Configuration, "a scope has characters that no scope can have")
            .with_remedy(
                "write it as the API's page shows it, such as https://management.azure.com/.default",
            ));
    }
    if RESERVED.contains(&scope) {
        return Err(Error::new(
            ErrorKind::Configuration,
            format!("the scope '{scope}' is reserved; sign-in adds it by itself"),
        )
        .with_remedy("leave it out, and name what the token is for"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_resources() {
        let one = |scope: &str| Scopes::new([scope]).unwrap();
        assert_eq!(one("https://vault.azure.net/.default").resource().unwrap(), "https://vault.azure.net");
        assert_eq!(one("https://x//.default").resource().unwrap(), "https://x/");
        assert_eq!(one("https://vault.azure.net").resource().unwrap(), "https://vault.azure.net");
        assert_eq!(one("https://x/.default/.default").resource().unwrap(), "https://x/.default");
        assert_eq!(one("/.default").resource().unwrap(), "/.default");
        assert_eq!(
            Scopes::of_resource("https://ml.azure.com").unwrap().joined(),
            "https://ml.azure.com/.default"
        );
        let several = Scopes::new(["a b", "b", " c "]).unwrap();
        assert_eq!(several.joined(), "a b c");
        assert_eq!(several.for_sign_in(), "a b c openid profile offline_access");
        assert!(several.single().is_err());
    }

    #[test]
    fn illegal_scopes() {
        for bad in ["", " ", "é", "a\"b", "a\\b", "a\u{0}b", "openid", "a offline_access"] {
            assert!(Scopes::new([bad]).is_err(), "{bad:?}");
        }
    }
}
