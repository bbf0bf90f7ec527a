//! Assertions that somebody else issued, whom the app's registration trusts: workload identity
//! federation, managed identities among it.

use std::borrow::Cow;

use entrada_core::cloud::Cloud;
use url::Url;

use super::Assertion;
use crate::Emulator;
use crate::ask::Ask;
use crate::config::{App, FederatedCredential};
use crate::entra::fault::Fault;
use crate::jwt;
use crate::x509::Certificate;

/// What a token says of itself, as federated credentials are written.
struct Presented<'a> {
    issuer: Cow<'a, str>,
    subject: &'a str,
    audiences: Vec<String>,
    /// Whether Entra, which is this emulator, issued it.
    own: bool,
}

impl Emulator {
    pub(super) fn federated(&self, ask: &Ask<'_>, app: &App, assertion: &Assertion<'_>) -> Result<(), Fault> {
        let presented = self.presented(assertion);
        let known = if ask.bound { &app.identity_bindings } else { &app.federated_credentials };
        let credential = matching(known, &presented)?;
        let signed = match &credential.key {
            None => jwt::verify(assertion.token).is_some(),
            Some(pem) => Certificate::all_of_pem(pem).iter().any(|certificate| {
                certificate.verifies(assertion.algorithm, assertion.signed.as_bytes(), &assertion.signature)
            }),
        };
        if !signed {
            let message = "Assertion failed signature validation. [Reason - The key was not found.]";
            return Err(Fault::new("invalid_client", 50_013, message));
        }
        if presented.own {
            self.managed_identity_as_credential(app, assertion)?;
        }
        assertion.in_time(ask.now.unix)
    }

    fn presented<'a>(&self, assertion: &'a Assertion<'_>) -> Presented<'a> {
        let issuer = assertion.text("iss");
        let (subject, tenant) = (assertion.text("sub"), assertion.text("tid"));
        let mut audiences: Vec<String> = assertion.audiences().into_iter().map(str::to_owned).collect();
        let own = assertion.text("ver") == "2.0"
            && !tenant.is_empty()
            && issuer.ends_with(&format!("/{tenant}/v2.0"))
            && jwt::verify(assertion.token).is_some();
        if !own {
            return Presented { issuer: issuer.into(), subject, audiences, own };
        }
        // A token of version 2 names its resource by id; credentials name it by its URI.
        let named = self.config.resources.iter().filter(|known| audiences.contains(&known.id));
        audiences = named.flat_map(|known| known.uris.clone()).chain(audiences.clone()).collect();
        // What was issued on loopback is as good as what the public cloud issues.
        let host = Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
        let known = host.is_some_and(|host| Cloud::of_authority(&host).ok().flatten().is_some());
        let issuer = match known {
            true => issuer.into(),
            false => format!("https://{}/{tenant}/v2.0", Cloud::PUBLIC.authority).into(),
        };
        Presented { issuer, subject, audiences, own }
    }

    /// A token of Entra's own is accepted from a user-assigned managed identity of the app's directory.
    fn managed_identity_as_credential(&self, app: &App, assertion: &Assertion<'_>) -> Result<(), Fault> {
        let refuse = |code, message: &str| Err(Fault::new("invalid_client", code, message));
        if assertion.text("idtyp") != "app" {
            return refuse(
                700_229,
                "Only app-only tokens can be used as Federated Identity Credentials for AAD issuer.",
            );
        }
        if !assertion.text("xms_ficinfo").is_empty() {
            return refuse(
                700_231,
                "A token that was obtained with a federated identity credential cannot be used as one.",
            );
        }
        if app.tenant.as_deref().is_some_and(|home| !home.eq_ignore_ascii_case(assertion.text("tid"))) {
            return Err(no_match(700_211, "issuer", assertion.text("iss")));
        }
        let subject = assertion.text("sub");
        let found = self.config.identities.iter().find(|identity| identity.object_id == subject);
        match found.filter(|identity| identity.resource_id.is_some()) {
            Some(_) => Ok(()),
            None => Err(no_match(7_002_137, "subject", subject)),
        }
    }
}

/// The credential that issuer, audience and subject fit, or which of them is the first that none fits.
fn matching<'c>(
    known: &'c [FederatedCredential],
    presented: &Presented<'_>,
) -> Result<&'c FederatedCredential, Fault> {
    let Presented { issuer, subject, audiences, own } = presented;
    if known.is_empty() {
        let message = format!(
            "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. \
             Assertion Subject: '{subject}'. Assertion Audience: '{}'. \
             https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
            audiences.join(", ")
        );
        return Err(Fault::new("invalid_request", 70_021, message));
    }
    let known: Vec<_> = known.iter().collect();
    let issuers = [issuer.as_ref().to_owned()];
    let known = narrow(known, |credential| &credential.issuer, &issuers, 700_211, "issuer")?;
    let known = narrow(known, |credential| &credential.audience, audiences, 700_212, "audience")?;
    let code = if *own { 7_002_137 } else { 700_213 };
    let subjects = [(*subject).to_owned()];
    let known = narrow(known, |credential| &credential.subject, &subjects, code, "subject")?;
    known.into_iter().next().ok_or_else(|| no_match(code, "subject", subject))
}

/// Those of which one text is among the presented ones.
fn narrow<'c>(
    known: Vec<&'c FederatedCredential>,
    part: impl Fn(&FederatedCredential) -> &String,
    presented: &[String],
    code: u32,
    name: &str,
) -> Result<Vec<&'c FederatedCredential>, Fault> {
    let same = |credential: &&FederatedCredential| presented.contains(part(credential));
    let found: Vec<_> = known.iter().copied().filter(same).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let nearly = |credential: &FederatedCredential| {
        presented.iter().any(|text| text.eq_ignore_ascii_case(part(credential)))
    };
    let code = if known.into_iter().any(nearly) { 7_002_138 } else { code };
    Err(no_match(code, name, &presented.join(", ")))
}

fn no_match(code: u32, name: &str, value: &str) -> Fault {
    let case = if code == 7_002_138 { " They differ in case, which matters." } else { "" };
    let message = format!(
        "No matching federated identity record found for presented assertion {name} '{value}'.{case} Check your \
         federated identity credential Subject, Audience and Issuer against the presented assertion. \
         https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
    );
    Fault::new("invalid_client", code, message)
}
