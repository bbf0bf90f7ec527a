//! People who signed in before, who sign in now, or whose password is given.

use std::sync::Arc;
use std::time::Duration;

use entrada_core::flow::{self, BoxFlow, Credential};
use entrada_core::flows::authorization_code::{PendingSignIn, WebSignIn};
use entrada_core::time::{Mono, Now, Unix};
use entrada_core::{
    EntraClient, Error, OnBehalfOfCredential, RefreshTokenCredential, UsernamePasswordCredential,
};
use entrada_emulator::person::Decision;
use entrada_emulator::world as w;

use super::apps::certificate;
use super::options::Options;
use super::{FEDERATION, Kind, Output, Twist};
use crate::canaries::Kind as Canary;
use crate::choices::Seeded;
use crate::rules::{Rules, Trust};
use crate::world::person::Mind;
use crate::world::{World, earlier};

pub(super) fn before(now: Now, span: Duration) -> Now {
    let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Now { mono: Mono(now.mono.0.saturating_sub(ms)), unix: Unix(now.unix.0.saturating_sub(seconds)) }
}

/// The credentials of this file; nothing for another kind.
pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Arc<dyn Credential>>, Error> {
    let made: Arc<dyn Credential> = match kind {
        Kind::OnBehalfOf => {
            let assertion = user_assertion(options.twist, world);
            let client = options.client(w::API)?;
            rules.reuse = options.twist != Twist::AdFs;
            let client = match options.twist {
                Twist::Certified | Twist::AdFs => {
                    client.with_assertion(certificate(options.twist, rules, w::API))
                }
                _ => client.with_secret(w::API_SECRET)?,
            };
            Arc::new(OnBehalfOfCredential::of(client, assertion)?)
        }
        Kind::RefreshToken => {
            let scope = "https://graph.microsoft.com/User.Read offline_access";
            let day = before(world.began, Duration::from_secs(86_400));
            let token = kept(options, world, day, scope);
            // Another tool of the same family may use it; an app of one's own may not.
            let (client, secret) = match options.twist {
                Twist::Stranger => (w::APP, Some(w::SECRET)),
                // It has no families.
                Twist::AdFs => (w::DEVELOPER_CLIENT, None),
                _ => (w::FAMILY_CLIENT, None),
            };
            let client = options.client(client)?;
            let client = match secret {
                Some(secret) => client.with_secret(secret)?,
                None => client,
            };
            Arc::new(RefreshTokenCredential::of(client, token)?)
        }
        Kind::UsernamePassword => {
            let client = options.client(w::DEVELOPER_CLIENT)?;
            let (name, password) = match options.twist {
                Twist::AdFs => (w::FEDERATED_USER, w::FEDERATED_PASSWORD),
                _ => (w::USER, w::PASSWORD),
            };
            Arc::new(UsernamePasswordCredential::of(client, name, password)?)
        }
        Kind::FederatedPassword => {
            let client = EntraClient::new(options.tenant, w::DEVELOPER_CLIENT)?;
            let user = UsernamePasswordCredential::of(client, w::FEDERATED_USER, w::FEDERATED_PASSWORD)?;
            rules.federation = match options.twist {
                Twist::Distrust => Trust::Nobody,
                Twist::TrustAll => Trust::Anybody,
                _ => Trust::Host(FEDERATION.to_owned()),
            };
            Arc::new(match options.twist {
                Twist::Distrust => user,
                Twist::TrustAll => user.trusting_any_federation(),
                _ => user.trusting_federation(w::ADFS_HOST),
            })
        }
        _ => return Ok(None),
    };
    rules.authority = Some(options.origin());
    Ok(Some(made))
}

/// The refresh token of a sign-in at this time. Only users who are asked for no more than a password have
/// one here.
fn kept(options: &Options, world: &mut World, at: Now, scope: &str) -> String {
    let of = if options.twist == Twist::AdFs { earlier::of_user_at_adfs } else { earlier::of_user };
    let token = with_usual_people(world, |world| of(&mut world.emulator, at, scope, "refresh_token"));
    world.canaries.add(Canary::RefreshToken, &token);
    token
}

/// Does something as it was before what is wrong with the accounts went wrong.
pub(super) fn with_usual_people<T>(world: &mut World, act: impl FnOnce(&mut World) -> T) -> T {
    let usual = entrada_emulator::Config::default();
    let config = world.emulator.config_mut();
    let changed =
        (std::mem::replace(&mut config.users, usual.users), std::mem::take(&mut config.policy.demands));
    let result = act(world);
    let config = world.emulator.config_mut();
    (config.users, config.policy.demands) = changed;
    result
}

fn user_assertion(twist: Twist, world: &mut World) -> String {
    let now = world.began;
    let token = with_usual_people(world, |world| {
        let emulator = &mut world.emulator;
        match twist {
            Twist::AdFs => earlier::of_user_at_adfs(emulator, now, w::API_SCOPE, "access_token"),
            Twist::AppToken => earlier::of_app(emulator, now),
            Twist::ForeignToken => {
                earlier::of_user(emulator, now, "https://graph.microsoft.com/User.Read", "access_token")
            }
            Twist::OldToken => {
                // No token lives as long as that.
                let day = before(now, Duration::from_secs(200_000));
                earlier::of_user(emulator, day, w::API_SCOPE, "access_token")
            }
            Twist::NoToken => "user-assertion-canary-that-is-no-token".to_owned(),
            _ => earlier::of_user(emulator, now, w::API_SCOPE, "access_token"),
        }
    });
    world.canaries.add(Canary::UserAssertion, &token);
    token
}

/// A sign-in of a web app that is begun, kept, and finished in another process. What goes on at the
/// browser has happened when the run begins.
pub(super) fn web_sign_in(
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
    seed: u64,
) -> Result<(BoxFlow<Output>, String), Error> {
    rules.authority = Some(options.origin());
    let client = options.client(w::APP)?.with_secret(w::SECRET)?;
    let app = WebSignIn::new(client, w::APP_REDIRECT)?;
    let (address, pending) = app.start(&options.request, &mut Seeded(seed.wrapping_add(1)))?;
    let address = String::from(address);
    world.canaries.add_form(address.split_once('?').map_or("", |(_, query)| query).as_bytes());
    let json = pending.to_json();
    world.canaries.add_json(json.expose().as_bytes());

    let late = options.twist == Twist::OldCode;
    let took = if late { Duration::from_secs(1000) } else { world.sitter.takes };
    let when = before(world.began, took);
    let brought = returned(world, when, &address);
    let brought = match options.twist {
        Twist::OtherState => brought.replace("state=", "state=x"),
        Twist::OtherIssuer => format!("{brought}&iss=https%3A%2F%2Flogin.evil.example%2Fcommon%2Fv2.0"),
        Twist::Half => brought.get(..brought.len() / 2).unwrap_or_default().to_owned(),
        _ => brought,
    };
    if options.twist == Twist::UsedCode {
        let pending = PendingSignIn::from_json(&json)?;
        redeem(world, when, app.finish(&pending, brought.as_bytes()));
    }
    let app = match options.twist {
        // The pending sign-in remembers its own.
        Twist::OtherRedirect => {
            let client = options.client(w::APP)?.with_secret(w::SECRET)?;
            WebSignIn::new(client, "https://app.contoso.example/elsewhere")?
        }
        _ => app,
    };
    let pending = PendingSignIn::from_json(&json)?;
    let flow = app.finish(&pending, brought.as_bytes());
    Ok((flow::map(flow, |response| Ok(Output::Token(response.access))), address))
}

/// What the browser brings to the redirect URI.
fn returned(world: &mut World, now: Now, address: &str) -> String {
    let mut person = world.sitter.person.clone();
    person.decision = match world.sitter.mind {
        Mind::Refuses => Decision::Cancel,
        // Whoever never comes back leaves nothing to finish.
        _ => Decision::Approve,
    };
    let Some(arrival) = earlier::signed_in(&mut world.emulator, now, &person, address) else {
        return String::new();
    };
    let parameters = arrival.parameters();
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    world.canaries.add_form(text.as_bytes());
    text
}

/// Redeems a code at once, on behalf of somebody else.
fn redeem<T: std::fmt::Debug>(world: &mut World, now: Now, flow: BoxFlow<T>) {
    use entrada_core::effect::Effect;
    let mut entropy = Seeded(5);
    let mut run = entrada_core::Run::new(flow);
    if let entrada_core::Step::Do(Effect::Http(call)) = run.start(now, &mut entropy) {
        let (request, ticket) = call.split();
        let answer = world.emulator.answer(now, &request);
        world.canaries.add_json(answer.body().expose());
        let _ = run.resume(now, &mut entropy, ticket.reply(Ok(answer)));
    }
}
