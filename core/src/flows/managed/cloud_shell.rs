//! Cloud Shell: tokens of the person who sits at it.

use http::header::HeaderName;

use super::asking::{Asking, CONNECT, LABEL, WHOLE};
use super::reply::{said, settled, token};
use super::wanted::Wanted;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Form, RequestSpec, RetryPolicy};
use crate::token::{AccessToken, Party};

const POLICY: RetryPolicy = RetryPolicy { settled, ..RetryPolicy::LOCAL_HOST };

pub(super) fn ask(
    endpoint: &Endpoint,
    resource: &str,
    wanted: Wanted,
    for_a_person: bool,
) -> Result<Asking, Error> {
    if !for_a_person {
        let what = "Cloud Shell has no managed identity: it answers for the person who signed in";
        return Err(Error::new(ErrorKind::Configuration, what)
            .with_remedy("allow it to answer for that person, or use another credential"));
    }
    wanted.only_what_there_is(
        "Cloud Shell gives tokens of the person who signed in, and of nobody else",
        "name no identity here, or use another credential",
    )?;
    let form = Form::new().field("resource", resource);
    let spec = RequestSpec::post(endpoint.clone(), form, LABEL)
        .header(HeaderName::from_static("metadata"), "true")
        .limits(CONNECT, WHOLE);
    Ok(Asking::new(spec, POLICY, wanted, read))
}

fn read(answer: &Answer, _: &Wanted) -> Result<AccessToken, Error> {
    token(answer, Party::User).map_err(|error| match error.code() {
        Some("AudienceNotSupported") => {
            Error::new(ErrorKind::Refused, "Cloud Shell gives no tokens for this resource")
                .with_code(error.code())
                .with_status(answer.status())
                .with_detail(said(answer))
                .with_remedy("use another credential for it, such as the Azure CLI's after `az login`")
        }
        _ => error,
    })
}
