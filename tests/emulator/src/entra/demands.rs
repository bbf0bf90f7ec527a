//! The `claims` parameter (OpenID Connect Core section 5.5): what the client can handle, and what a
//! resource demanded of it.

use serde_json::Value;

use super::fault::Fault;
use crate::ask::Params;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    /// Whether the client can answer challenges, so that its tokens may live long (`CP1`).
    pub(crate) capable: bool,
    /// Authentication contexts the token has to carry.
    pub(crate) acrs: Vec<String>,
    /// The token's session has to have begun after this, in seconds since 1970.
    pub(crate) newer_than: Option<i64>,
}

impl Demands {
    pub(crate) fn read(params: &Params) -> Result<Demands, Fault> {
        let Some(text) = params.get("claims") else {
            return Ok(Demands::default());
        };
        let Ok(Value::Object(claims)) = serde_json::from_str(text) else {
            return Err(Fault::malformed());
        };
        let of = |name: &str| claims.get("access_token").map_or(&Value::Null, |token| &token[name]);
        let capable = values(of("xms_cc")).iter().any(|value| value.eq_ignore_ascii_case("cp1"));
        let newer_than = values(of("nbf")).first().and_then(|value| value.parse().ok());
        Ok(Demands { capable, acrs: values(of("acrs")), newer_than })
    }
}

/// What `value` and `values` hold, as texts.
fn values(member: &Value) -> Vec<String> {
    let one = member.get("value").into_iter();
    let many = member.get("values").and_then(Value::as_array).into_iter().flatten();
    one.chain(many)
        .filter_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(claims: &str) -> Result<Demands, Fault> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        Demands::read(&Params::parse(form.append_pair("claims", claims).finish().as_bytes()))
    }

    #[test]
    fn every_kind_is_read() {
        let text = r#"{"access_token":{"xms_cc":{"values":["cp1"]},"acrs":{"essential":true,"values":["p1"]},
                       "nbf":{"essential":true,"value":"1726077595"}}}"#;
        let demands = read(text).unwrap();
        assert!(demands.capable);
        assert_eq!(demands.acrs, ["p1"]);
        assert_eq!(demands.newer_than, Some(1_726_077_595));
        assert_eq!(read(r#"{"access_token":null}"#).unwrap(), Demands::default());
        assert_eq!(read("").unwrap(), Demands::default());
        assert_eq!(read("[]").unwrap_err().code, 9_002_313);
    }
}
