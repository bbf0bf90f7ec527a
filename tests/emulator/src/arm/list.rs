//! Lists in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::fault::Fault;

/// One page of the items: the first, or the one that the `$skipToken` names.
pub(crate) fn page(ask: &Ask<'_>, items: Vec<Value>, size: usize, version: &str) -> Result<Value, Fault> {
    let from = match ask.query.get_any_case("$skiptoken") {
        None => 0,
        Some(token) => offset(ask, token)
            .ok_or_else(|| Fault::new(400, "InvalidSkipToken", "The skip token is not one of this list."))?,
    };
    let size = size.max(1);
    let end = from.saturating_add(size).min(items.len());
    let shown = items.get(from..end).unwrap_or_default();
    let mut document = json!({ "value": shown });
    if end < items.len() {
        let token = URL_SAFE_NO_PAD.encode(format!("{} {end}", ask.path().to_ascii_lowercase()));
        let mut next = format!("{}{}?api-version={version}&$skipToken={token}", ask.origin, ask.path());
        // What the list was narrowed by narrows its other pages too.
        if let Some(filter) = ask.query.get_any_case("$filter") {
            let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
            next.push_str(&format!("&$filter={filter}"));
        }
        document["nextLink"] = next.into();
    }
    Ok(document)
}

/// Where a token goes on: it is bound to the list that made it.
fn offset(ask: &Ask<'_>, token: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (path, offset) = text.rsplit_once(' ')?;
    if path == ask.path().to_ascii_lowercase() { offset.parse().ok() } else { None }
}
