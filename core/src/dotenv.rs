//! `.env` files, by the rules of python-dotenv.
//!
//! A bad line is passed over and reported; the rest of the file counts.

use std::collections::BTreeMap;

use crate::environment::Environment;

/// What a `.env` file says.
#[derive(Clone, Default)]
pub struct DotEnv {
    bindings: Vec<(String, Option<String>)>,
    /// The lines that could not be read, counted from one.
    pub bad_lines: Vec<usize>,
}

impl std::fmt::Debug for DotEnv {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DotEnv")?;
        f.debug_list().entries(self.bindings.iter().map(|(key, _)| key)).finish()
    }
}

impl DotEnv {
    /// Reads the text of a file. A byte-order mark is dropped.
    #[must_use]
    pub fn parse(text: &str) -> DotEnv {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Python reads files in text mode, where every line end is a line feed.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut reader = Reader { text: &text, at: 0 };
        let mut found = DotEnv::default();
        while let Some(line) = reader.skip_blank() {
            match reader.binding() {
                Some(Some(binding)) => found.bindings.push(binding),
                Some(None) => {}
                // From where it went wrong, which may be some lines on: a quoted part had been read by then.
                None => {
                    reader.rest_of_line();
                    found.bad_lines.push(line);
                }
            }
        }
        found
    }

    /// The variables in the order of the file, with `${NAME}` and `${NAME:-default}` filled in. What the
    /// environment has comes before what the file has. A key without a value is left out.
    #[must_use]
    pub fn variables(&self, environment: &BTreeMap<String, String>) -> Vec<(String, String)> {
        let mut known: BTreeMap<&str, Option<String>> = BTreeMap::new();
        for (key, value) in &self.bindings {
            let lookup = |name: &str| match environment.get(name) {
                Some(value) => Some(value.clone()),
                None => known.get(name).map(|value| value.clone().unwrap_or_default()),
            };
            let value = value.as_deref().map(|value| interpolate(value, lookup));
            known.insert(key, value);
        }
        let mut variables: Vec<(String, String)> = Vec::new();
        for (key, _) in &self.bindings {
            let seen = variables.iter().any(|(known, _)| known == key);
            if let (false, Some(Some(value))) = (seen, known.get(key.as_str())) {
                variables.push((key.clone(), value.clone()));
            }
        }
        variables
    }
}

impl Environment {
    /// The same with the variables of a `.env` file. Those that are set already win, also when they
    /// are empty.
    #[must_use]
    pub fn with_dotenv(self, file: &DotEnv) -> Environment {
        let variables = file.variables(self.variables());
        variables.into_iter().fold(self, |environment, (name, value)| {
            match environment.variables().contains_key(&name) {
                true => environment,
                false => environment.with(name, value),
            }
        })
    }
}

/// Fills in `${NAME}` and `${NAME:-default}`. An unknown name without a default is empty; anything else
/// after a dollar sign is literal.
fn interpolate(value: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let inner = &rest[2..];
        let name_end = inner.find(['}', ':']);
        let reference = name_end.and_then(|end| {
            let (name, after) = inner.split_at(end);
            if let Some(after) = after.strip_prefix('}') {
                return Some((name, None, after));
            }
            let (default, after) = after.strip_prefix(":-")?.split_once('}')?;
            Some((name, Some(default), after))
        });
        match reference {
            Some((name, default, after)) => {
                filled.push_str(&lookup(name).or(default.map(str::to_owned)).unwrap_or_default());
                rest = after;
            }
            None => {
                filled.push_str("${");
                rest = inner;
            }
        }
    }
    filled.push_str(rest);
    filled
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.rest().starts_with(wanted).then(|| self.at += wanted.len_utf8())
    }

    fn blanks(&mut self) -> &'a str {
        self.take_while(|c| is_space(c) && c != '\n')
    }

    fn rest_of_line(&mut self) {
        self.take_while(|c| c != '\n');
        let _ = self.take('\n');
    }

    /// Skips white space and blank lines; the number of the line there, unless it is the end.
    fn skip_blank(&mut self) -> Option<usize> {
        self.take_while(is_space);
        let line = 1 + self.text[..self.at].matches('\n').count();
        (!self.rest().is_empty()).then_some(line)
    }

    /// One statement to the end of its line: a binding, or a comment; `None` if it is neither.
    #[allow(clippy::option_option, reason = "a bad line, a comment, a binding")]
    fn binding(&mut self) -> Option<Option<(String, Option<String>)>> {
        if let Some(after) = self.rest().strip_prefix("export")
            && after.starts_with(|c: char| is_space(c) && c != '\n')
        {
            self.at += "export".len();
            self.blanks();
        }
        let key = if self.rest().starts_with('#') { None } else { Some(self.key()?) };
        self.blanks();
        let value = if self.take('=').is_some() { Some(self.value()?) } else { None };
        self.end_of_statement()?;
        Some(key.map(|key| (key, value)))
    }

    fn key(&mut self) -> Option<String> {
        let Some(quoted) = self.rest().strip_prefix('\'') else {
            let key = self.take_while(|c| c != '=' && c != '#' && !is_space(c));
            return (!key.is_empty()).then(|| key.to_owned());
        };
        let (key, _) = quoted.split_once('\'').filter(|(key, _)| !key.is_empty())?;
        self.at += key.len() + 2;
        Some(key.to_owned())
    }

    fn value(&mut self) -> Option<String> {
        let gap = !self.blanks().is_empty();
        match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            Some('#') if gap => Some(String::new()),
            _ => Some(self.bare()),
        }
    }

    /// To the end of the line, less a comment (which begins with a blank) and trailing blanks.
    fn bare(&mut self) -> String {
        let line = self.take_while(|c| c != '\n');
        let comment =
            line.char_indices().zip(line.chars().skip(1)).find(|((_, c), next)| is_space(*c) && *next == '#');
        let end = comment.map_or(line.len(), |((at, _), _)| at);
        line[..end].trim_end_matches(is_space).to_owned()
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut value = String::new();
        let mut characters = self.rest().char_indices().skip(1).peekable();
        while let Some((at, c)) = characters.next() {
            if c == quote {
                self.at += at + 1;
                return Some(value);
            }
            let escaped =
                (c == '\\').then(|| characters.peek().and_then(|(_, next)| escape(quote, *next))).flatten();
            match escaped {
                Some(escaped) => {
                    value.push(escaped);
                    characters.next();
                }
                None => value.push(c),
            }
        }
        None
    }

    fn end_of_statement(&mut self) -> Option<()> {
        self.blanks();
        if self.rest().starts_with('#') {
            self.take_while(|c| c != '\n');
        }
        if self.rest().is_empty() { Some(()) } else { self.take('\n') }
    }
}

/// What Python calls a space: the separators of ASCII too.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// What a backslash and this character mean within quotes; nothing special for most.
fn escape(quote: char, c: char) -> Option<char> {
    match (quote, c) {
        (_, '\\' | '\'') => Some(c),
        ('"', '"') => Some('"'),
        ('"', 'a') => Some('\u{7}'),
        ('"', 'b') => Some('\u{8}'),
        ('"', 'f') => Some('\u{c}'),
        ('"', 'n') => Some('\n'),
        ('"', 'r') => Some('\r'),
        ('"', 't') => Some('\t'),
        ('"', 'v') => Some('\u{b}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
