//! The query language of lists (OData 4.0).

/// A text as OData literals have it: between apostrophes, those within it doubled.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
