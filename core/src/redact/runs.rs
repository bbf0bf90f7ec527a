//! Runs of characters that look like a token, also where a tool folded them into lines.

use super::MASK;
use super::named::is_number_of_entra;
use crate::tenant::is_guid;

/// How long a piece of a folded token is at the least, but for its last one.
const PIECE: usize = 24;

/// The narrowest window that a tool folds its text for.
pub(super) const NARROWEST: usize = 8;

/// Whether a secret that was masked may go on in what stands behind it.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Open {
    #[default]
    No,
    /// Where that is long.
    Perhaps,
    /// Whatever it is, but for prose.
    Surely,
}

impl Open {
    /// Whether a value goes on that was masked for its name: at the end of a line, where it is no whole of its own.
    pub(super) fn after(value: &str, behind: &str) -> Self {
        let behind = behind.trim_start_matches([' ', '\t', '\r']);
        let piece = value.trim_end().rsplit(|c| !is_token(c)).next().unwrap_or_default();
        match () {
            () if piece.is_empty() || !(behind.is_empty() || behind.starts_with('\n')) => Self::No,
            () if piece.contains("eyJ") || "eyJ".starts_with(piece) || is_piece(piece) => Self::Surely,
            () => Self::Perhaps,
        }
    }

    /// What tells it in a text in which there are no NULs.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Perhaps => "\0",
            Self::Surely => "\0\0",
        }
    }

    /// A word without its mark, and what that told.
    fn unmark(word: &str) -> (&str, Self) {
        let bare = word.trim_end_matches('\0');
        match word.len() - bare.len() {
            0 => (bare, Self::No),
            1 => (bare, Self::Perhaps),
            _ => (bare, Self::Surely),
        }
    }
}

/// Where a word stands in its line.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) first: bool,
    pub(super) last: bool,
}

/// Masks word after word, and goes on where one of them is the beginning of a token that a tool folded, as
/// PowerShell does to fit its errors between the edges of the window.
///
/// Not seen are a token that is folded to fewer than [`NARROWEST`] characters a line, and one whose name is folded
/// too and that does not begin as a JWT does.
#[derive(Default)]
pub(super) struct Folds {
    /// Whether the token that was masked last may go on.
    open: Open,
    /// Whether a line began since.
    new_line: bool,
    /// How long its last piece was, if that was a line.
    width: Option<usize>,
}

impl Folds {
    pub(super) fn mask(&mut self, word: &str, place: Place) -> String {
        self.new_line |= place.first;
        let (word, marked) = Open::unmark(word);
        // The bar that PowerShell begins each line with.
        if matches!(word, "|" | "\u{2502}") {
            self.new_line = true;
            return word.to_owned();
        }
        let new_line = std::mem::take(&mut self.new_line);
        let open = std::mem::take(&mut self.open);
        if open != Open::No {
            let piece = word.trim_end_matches(['"', '\'', ',', ';', ')', ']', '}', '>']);
            // A last piece is short, and may look like a word where a new line begins with it.
            let last = piece.chars().all(is_token) && (new_line || !is_prose(piece)) && !is_guid(piece);
            if !is_number_of_entra(piece) && (is_piece(piece) || open == Open::Surely && last) {
                // A narrow line counts where it is one, and as long as the one before.
                let line = new_line && place.last && piece.len() >= NARROWEST;
                let goes_on = is_piece(piece) || line && self.width.is_none_or(|width| width == piece.len());
                self.open = if piece.len() == word.len() && goes_on { Open::Surely } else { Open::No };
                self.width = Some(piece.len());
                return format!("{MASK}{}", &word[piece.len()..]);
            }
        }
        self.width = None;
        let masked = mask_token_runs(word, place);
        let last = word.rsplit(|c| !is_token(c)).next().unwrap_or_default();
        // A mask that was there already is that of a secret as a whole, unless it is marked.
        let token = last.contains("eyJ") || masked.ends_with(MASK) && !word.ends_with(MASK);
        self.open = if token { Open::Surely } else { marked };
        masked
    }
}

pub(super) fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '=' | '~')
}

/// Whether a word may be a piece of a token: long, of its characters, and no known kind of name.
pub(super) fn is_piece(word: &str) -> bool {
    word.len() >= PIECE && word.chars().all(is_token) && !is_guid(word) && !is_resource_id(word)
}

/// Whether a word of a token's characters is one of prose: letters alone, only the first of them a capital, and what
/// ends a sentence.
pub(super) fn is_prose(word: &str) -> bool {
    let letters = word.strip_suffix('.').unwrap_or(word);
    letters.bytes().enumerate().all(|(at, b)| b.is_ascii_lowercase() || at == 0 && b.is_ascii_uppercase())
}

/// Masks runs of base64 that begin like a JWT, or are too long to be an identifier.
fn mask_token_runs(word: &str, place: Place) -> String {
    let mut cleaned = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let run = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(run);
        // Something may be glued on before it: `x=eyJ…`, a path, a word.
        let folded = place.last && after.is_empty();
        let jwt = token.find("eyJ").filter(|at| folded || token.len() - at >= 16);
        // The path of an address begins with two slashes; a token may have them within.
        let long = token.len() >= 80 && !token.starts_with("//") && !is_resource_id(token);
        match jwt {
            Some(at) => cleaned.extend([&token[..at], MASK]),
            None => cleaned.push_str(if long { MASK } else { token }),
        }
        let other = after.find(is_token).unwrap_or(after.len());
        cleaned.push_str(&after[..other]);
        rest = &after[other..];
    }
    cleaned
}

/// Whether this is the id of a resource of Azure, or what Azure Resource Manager calls one it does not find
/// (`Namespace.Type/type/name`), which is long and no secret: it begins as one does, and none of its steps is as
/// long as a secret.
fn is_resource_id(text: &str) -> bool {
    if is_resource_name(text) {
        return true;
    }
    let mut steps = text.split('/');
    let (nothing, first, second) = (steps.next(), steps.next().unwrap_or_default(), steps.next());
    let begins = match second {
        Some(second) if first.eq_ignore_ascii_case("subscriptions") => is_guid(second),
        Some(second) if first.eq_ignore_ascii_case("providers") => second.contains('.'),
        _ => false,
    };
    nothing == Some("")
        && begins
        && text.split('/').all(|step| step.len() < 80 && !step.contains(['+', '=', '~']))
}

/// Whether this is a namespace of a provider, then kinds and names in turn, as in
/// `Microsoft.MachineLearningServices/workspaces/w/computes/c`.
fn is_resource_name(text: &str) -> bool {
    let is_word = |word: &str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let steps: Vec<&str> = text.split('/').collect();
    let (namespace, rest) = steps.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    namespace.contains('.')
        && namespace.split('.').all(is_word)
        && !rest.is_empty()
        && rest.iter().step_by(2).all(|kind| is_word(kind))
        && rest.iter().all(|step| !step.is_empty() && !step.contains(['+', '=', '~']))
        && steps.iter().all(|step| step.len() < 80)
}
