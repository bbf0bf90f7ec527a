//! The program on whose account requests are made.

use http::header::HeaderValue;

use crate::error::{Error, ErrorKind};

/// What is sent as `User-Agent` by nobody in particular.
pub(crate) const LIBRARY: &str = concat!("entrada/", env!("CARGO_PKG_VERSION"));

/// The longest name that is taken, in bytes.
const LONGEST: usize = 200;

/// A program that names itself in `User-Agent` before this library (RFC 9110 section 10.1.5):
/// `contoso-training/1.2`. Every request of its runs says so, whatever credential or call makes it.
///
/// ```
/// use entrada_core::Product;
///
/// // A driver's builder takes it; so does `Run::on_account_of`.
/// let product = Product::new("contoso-training/1.2")?;
/// assert!(product.user_agent().starts_with("contoso-training/1.2 entrada/"));
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    user_agent: HeaderValue,
}

impl Product {
    /// The program of this name, best with its version after a slash. Several may be named, with blanks
    /// between them, and comments in parentheses.
    ///
    /// # Errors
    /// `Configuration` when it is empty, longer than 200 bytes, does not begin with a name, or has other
    /// characters than blanks and those of ASCII that can be seen.
    pub fn new(name: &str) -> Result<Product, Error> {
        let name = name.trim_matches(' ');
        let legal = name.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        let named = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        let value = HeaderValue::from_str(&format!("{name} {LIBRARY}")).ok();
        match value.filter(|_| legal && named && name.len() <= LONGEST) {
            Some(user_agent) => Ok(Product { user_agent }),
            None => Err(Error::new(
                ErrorKind::Configuration,
                "the name of the program cannot stand in the header User-Agent",
            )
            .with_remedy("use a short name in ASCII with a version, such as contoso-training/1.2")),
        }
    }

    /// The whole header: the program, then this library.
    #[must_use]
    pub fn user_agent(&self) -> &str {
        self.user_agent.to_str().unwrap_or(LIBRARY)
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.user_agent.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, said) in [
            ("contoso/1", "contoso/1"),
            (" contoso ", "contoso"),
            ("contoso/1.2 (batch; nightly) other/3", "contoso/1.2 (batch; nightly) other/3"),
        ] {
            assert_eq!(Product::new(name).unwrap().user_agent(), format!("{said} {LIBRARY}"));
        }
        let long = "a".repeat(LONGEST + 1);
        for bad in ["", " ", "/1", "(comment)", "a\r\nx-evil: 1", "a\tb", "caf\u{e9}", "a\0", long.as_str()] {
            let error = Product::new(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad:?}");
            assert!(!error.to_string().contains("evil"));
        }
        assert!(Product::new(&long[1..]).is_ok());
    }
}
