//! What happened at the services before a run begins: somebody signed in, a platform made a token.

use std::convert::Infallible;

use entrada_core::SecretBytes;
use entrada_core::effect::HttpRequest;
use entrada_core::time::Now;
use entrada_emulator::person::{Arrival, Person};
use entrada_emulator::{Emulator, world as w};
use serde_json::Value;

/// What the token endpoint of the directory answers to these fields.
pub fn asked(emulator: &mut Emulator, now: Now, fields: &[(&str, &str)]) -> Value {
    asked_at(
        emulator,
        now,
        &format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", w::TENANT),
        fields,
    )
}

fn asked_at(emulator: &mut Emulator, now: Now, address: &str, fields: &[(&str, &str)]) -> Value {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request: Option<HttpRequest> = http::Request::post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(SecretBytes::new(form))
        .ok();
    let answer = request.map(|request| emulator.answer(now, &request));
    answer.and_then(|answer| serde_json::from_slice(answer.body().expose()).ok()).unwrap_or_default()
}

/// One field of what the user is given for a password, for this scope.
pub fn of_user(emulator: &mut Emulator, now: Now, scope: &str, field: &str) -> String {
    let form = [
        ("grant_type", "password"),
        ("client_id", w::DEVELOPER_CLIENT),
        ("username", w::USER),
        ("password", w::PASSWORD),
        ("scope", scope),
    ];
    text(&asked(emulator, now, &form), field)
}

/// The same of the AD FS and its user.
pub fn of_user_at_adfs(emulator: &mut Emulator, now: Now, scope: &str, field: &str) -> String {
    let form = [
        ("grant_type", "password"),
        ("client_id", w::DEVELOPER_CLIENT),
        ("username", w::FEDERATED_USER),
        ("password", w::FEDERATED_PASSWORD),
        ("scope", scope),
    ];
    let address = format!("https://{}/adfs/oauth2/token", w::ADFS_HOST);
    text(&asked_at(emulator, now, &address, &form), field)
}

/// A token of an app for the API in the middle.
pub fn of_app(emulator: &mut Emulator, now: Now) -> String {
    let scope = format!("api://{}/.default", w::API);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", w::APP),
        ("client_secret", w::SECRET),
        ("scope", &scope),
    ];
    text(&asked(emulator, now, &form), "access_token")
}

/// One field of a document.
#[must_use]
pub fn text(document: &Value, field: &str) -> String {
    document.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A person signs in at this address. Nothing, where the pages let them get nowhere.
pub fn signed_in(emulator: &mut Emulator, now: Now, person: &Person, address: &str) -> Option<Arrival> {
    person.sign_in(address, |request| Ok::<_, Infallible>(emulator.answer(now, &request))).ok()
}

/// The token that a cluster writes for a service account, to be presented to this audience.
pub fn of_cluster(emulator: &mut Emulator, now: Now, subject: &str, audience: &str) -> String {
    emulator.federated_token(w::CLUSTER_ISSUER, subject, audience, now)
}
