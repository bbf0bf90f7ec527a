//! Assertions that an app signed itself, with the key of a certificate that is registered.

use entrada_core::time::Unix;
use serde_json::Value;

use super::{Assertion, DOCUMENTATION, decode};
use crate::config::App;
use crate::entra::client::Proof;
use crate::entra::fault::Fault;
use crate::x509::Certificate;

/// Checks names, key, signature, audience and time, in this order.
pub(super) fn check(
    app: &App,
    assertion: &Assertion<'_>,
    audiences: &[String],
    now: Unix,
) -> Result<Proof, Fault> {
    let (issuer, subject) = (assertion.text("iss"), assertion.text("sub"));
    if !issuer.eq_ignore_ascii_case(&app.client_id) {
        let message = format!(
            "Client assertion application identifier doesn't match 'client_id' parameter. {DOCUMENTATION}"
        );
        return Err(Fault::new("invalid_client", 700_021, message));
    }
    if !subject.eq_ignore_ascii_case(issuer) {
        let message = format!("Subject mismatches Issuer claim in the client assertion. {DOCUMENTATION}");
        return Err(Fault::new("invalid_client", 50_048, message));
    }
    let (certificate, by_name) = find(app, assertion)?;
    if !certificate.verifies(assertion.algorithm, assertion.signed.as_bytes(), &assertion.signature) {
        return Err(unknown(app, "The key was found, but use of the key to verify the signature failed."));
    }
    if now.0 < certificate.valid.0 || now.0 > certificate.valid.1 {
        return Err(unknown(app, "The key used is expired."));
    }
    let meant = |audience: &&str| audiences.iter().any(|known| known.eq_ignore_ascii_case(audience));
    if !assertion.audiences().iter().any(meant) {
        let message = format!("Client assertion audience claim does not match Realm issuer. {DOCUMENTATION}");
        return Err(Fault::new("invalid_client", 700_023, message));
    }
    assertion.in_time(now)?;
    if assertion.text("jti").is_empty() {
        return Err(Fault::bad_token("The JWT token has no 'jti'."));
    }
    Ok(if by_name { Proof::SubjectNameIssuer } else { Proof::Certificate })
}

/// The certificate whose key has to have signed, and whether only its names are registered.
fn find(app: &App, assertion: &Assertion<'_>) -> Result<(Certificate, bool), Fault> {
    let registered: Vec<Certificate> =
        app.certificates.iter().flat_map(|known| Certificate::all_of_pem(&known.pem)).collect();
    let named = |name: &str| assertion.jwt.header.get(name).and_then(Value::as_str);
    let is_named = |certificate: &Certificate| {
        let same = |name: &str, thumbprint: Vec<u8>| {
            named(name).is_none_or(|text| decode(text).is_some_and(|bytes| bytes == thumbprint))
        };
        same("x5t#S256", certificate.sha256()) && same("x5t", certificate.sha1())
    };
    let chain = chain(assertion.jwt.header.get("x5c")).ok_or_else(|| {
        Fault::new("invalid_client", 50_012, "Authentication failed: the certificate chain cannot be read.")
    })?;
    let thumbprint = named("x5t#S256").or(named("x5t"));
    let found = match chain.first() {
        Some(leaf) => registered.iter().find(|known| *known == leaf && is_named(known)),
        None if thumbprint.is_none() => {
            return Err(unknown(app, "The assertion does not name the key that signed it."));
        }
        None => registered.iter().find(|known| is_named(known)),
    };
    if let Some(found) = found {
        return Ok((found.clone(), false));
    }
    let reason = match thumbprint {
        Some(thumbprint) => {
            format!("The key was not found., Thumbprint of key used by client: '{}'.", hex(thumbprint))
        }
        None => "The key was not found.".to_owned(),
    };
    let Some(leaf) = chain.first().filter(|leaf| app.subject_name_issuer && is_named(leaf)) else {
        return Err(unknown(app, &reason));
    };
    let linked = chain.windows(2).all(|pair| pair[0].issued_by(&pair[1]));
    if chain.len() < 2 || !linked {
        let message = "Authentication failed: the chain of the client's certificate is incomplete or broken.";
        return Err(Fault::new("invalid_client", 50_012, message));
    }
    let same = |known: &Certificate| known.subject == leaf.subject && known.issuer == leaf.issuer;
    if registered.iter().any(same) {
        return Ok((leaf.clone(), true));
    }
    let message = format!(
        "Invalid certificate - subject name in certificate is not authorized for application '{}'.",
        app.client_id
    );
    Err(Fault::new("invalid_client", 700_030, message))
}

/// The header `x5c`: an array, or the leaf alone as a text, which one library sends.
fn chain(header: Option<&Value>) -> Option<Vec<Certificate>> {
    match header {
        None => Some(Vec::new()),
        Some(Value::String(leaf)) => Some(vec![Certificate::of_base64(leaf)?]),
        Some(Value::Array(list)) => list.iter().map(|item| Certificate::of_base64(item.as_str()?)).collect(),
        Some(_) => None,
    }
}

/// A thumbprint as people compare it; a text that is none stays out.
fn hex(thumbprint: &str) -> String {
    decode(thumbprint).unwrap_or_default().iter().map(|byte| format!("{byte:02X}")).collect()
}

pub(super) fn unknown(app: &App, reason: &str) -> Fault {
    let message = format!(
        "The certificate with identifier used to sign the client assertion is not registered on application. \
         [Reason - {reason} Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see \
         configured keys for app Id '{}'.]",
        app.client_id
    );
    Fault::new("invalid_client", 700_027, message)
}
