//! Tables for people.

/// Lines of `name  value`, the values under one another; rows without a value are left out.
pub(crate) fn pairs(rows: &[(&str, Option<&str>)]) -> String {
    let rows: Vec<_> = rows.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<_> = rows.iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect();
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
        let cells: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(std::array::from_fn(|column| row[column].as_str())));
    std::iter::once(line(headings)).chain(body).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alignment() {
        assert_eq!(pairs(&[("a", Some("1")), ("long", Some("2")), ("none", None)]), "a     1\nlong  2");
        assert_eq!(
            columns(["N", "VALUE"], &[["é".into(), "x".into()], ["two".into(), "y".into()]]),
            "N    VALUE\né    x\ntwo  y"
        );
    }
}
