//! Lists in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::fault;
use super::filter::Filter;
use crate::ask::Ask;
use crate::fault::Fault;

/// One page of those objects that the request's filter admits.
pub(super) fn page(ask: &Ask<'_>, objects: Vec<Value>, size: usize) -> Result<(u16, Value), Fault> {
    let filter = ask.query.get("$filter");
    let wanted = match filter.map(Filter::read).transpose()? {
        None => objects,
        Some(filter) => {
            let mut wanted = Vec::new();
            for object in objects {
                if filter.admits(&object)? {
                    wanted.push(object);
                }
            }
            wanted
        }
    };
    let from = match ask.query.get("$skiptoken") {
        None => 0,
        Some(token) => {
            let bytes = URL_SAFE_NO_PAD.decode(token).ok();
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            let offset = text.and_then(|text| text.strip_prefix("skip ")?.parse::<usize>().ok());
            offset.ok_or_else(|| fault::bad("The specified page token value has expired and can no longer be included in your request."))?
        }
    };
    let end = from.saturating_add(size.max(1)).min(wanted.len());
    let shown = wanted.get(from..end).unwrap_or_default();
    let mut document = json!({ "@odata.context": format!("{}/v1.0/$metadata", ask.origin), "value": shown });
    if end < wanted.len() {
        let mut next = url::form_urlencoded::Serializer::new(String::new());
        if let Some(filter) = filter {
            next.append_pair("$filter", filter);
        }
        next.append_pair("$skiptoken", &URL_SAFE_NO_PAD.encode(format!("skip {end}")));
        document["@odata.nextLink"] = format!("{}{}?{}", ask.origin, ask.path(), next.finish()).into();
    }
    Ok((200, document))
}
