//! Tables for people.
//!
//! What services wrote may hold characters that move the cursor of a terminal or turn the direction of its text:
//! in a table each is shown as U+FFFD.

use std::borrow::Cow;

use entrada_core::redact::is_disruptive;

/// The text without characters that would do something to a terminal.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    match text.contains(is_disruptive) {
        true => text.replace(is_disruptive, "\u{fffd}").into(),
        false => text.into(),
    }
}

/// Lines of `name  value`, the values under one another; rows without a value are left out.
pub(crate) fn pairs(rows: &[(&str, Option<&str>)]) -> String {
    let rows: Vec<_> = rows.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<_> =
        rows.iter().map(|(name, value)| format!("{name:<width$}  {}", harmless(value))).collect();
    lines.join("\n")
}

/// Columns under their headings.
pub(crate) fn columns<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headings[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let cells = cells.iter().zip(widths);
        let cells: Vec<_> = cells.map(|(cell, width)| format!("{:<width$}", harmless(cell))).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(std::array::from_fn(|column| row[column].as_str())));
    std::iter::once(line(headings)).chain(body).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_service_says_moves_the_cursor() {
        let hostile = "a\u{1b}[2Jb\r\nc\u{202e}d\u{9b}m";
        let cell = "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}d\u{fffd}m";
        assert_eq!(pairs(&[("n", Some(hostile))]), format!("n  {cell}"));
        assert_eq!(columns(["N"], &[[hostile.into()]]), format!("N\n{cell}"));
        assert_eq!(harmless("plain"), "plain");
    }

    #[test]
    fn alignment() {
        assert_eq!(pairs(&[("a", Some("1")), ("long", Some("2")), ("none", None)]), "a     1\nlong  2");
        assert_eq!(
            columns(["N", "VALUE"], &[["é".into(), "x".into()], ["two".into(), "y".into()]]),
            "N    VALUE\né    x\ntwo  y"
        );
    }
}
