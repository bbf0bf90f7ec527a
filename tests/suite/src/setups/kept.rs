//! People and apps whose tokens are kept between runs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use entrada_core::effect::Effect;
use entrada_core::flow::Credential;
use entrada_core::flows::silent::{Memory, Remembered, RememberedApp, SharedTokenCacheCredential};
use entrada_core::{
    AccessToken, ClientSecretCredential, DeviceCodeCredential, EntraClient, Error, TokenRequest,
};
use entrada_emulator::person::Person;
use entrada_emulator::world as w;

use super::options::Options;
use super::people::{before, with_usual_people};
use super::{AUTHORITY, Kind, Twist};
use crate::canaries::Kind as Canary;
use crate::rules::Rules;
use crate::script::Machine;
use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// The credentials of this file; nothing for another kind.
pub(super) fn credential_of(
    kind: Kind,
    options: &Options,
    rules: &mut Rules,
    world: &mut World,
) -> Result<Option<Arc<dyn Credential>>, Error> {
    let made: Arc<dyn Credential> = match kind {
        Kind::SharedCache => {
            let ago = if options.twist == Twist::JustNow { MINUTE } else { DAY };
            keep(world, &person(w::TENANT)?, &options.request, ago);
            rules.whose = Some(vec![w::USER_OBJECT]);
            let memory = match options.twist {
                Twist::OtherName => Memory::shared().of_user(w::MFA_USER),
                _ => Memory::shared(),
            };
            let client = EntraClient::new(options.tenant, w::DEVELOPER_CLIENT)?;
            Arc::new(SharedTokenCacheCredential::of(client, memory))
        }
        Kind::RememberedSignIn => {
            let made = person(options.tenant)?;
            keep_as_twisted(world, &made, options);
            rules.whose = Some(vec![w::USER_OBJECT, w::MFA_USER_OBJECT]);
            // What a refusal demands is demanded of the person then.
            rules.claims = None;
            Arc::new(made)
        }
        Kind::RememberedApp => {
            let client = EntraClient::new(options.tenant, w::APP)?;
            let secret = ClientSecretCredential::of(client.clone(), w::SECRET)?;
            let made = RememberedApp::of(client, secret, Memory::shared());
            keep_as_twisted(world, &made, options);
            rules.whose = Some(vec![w::APP_OBJECT]);
            Arc::new(made)
        }
        Kind::DefaultChain => {
            if matches!(options.twist, Twist::JustNow | Twist::DayAgo) {
                keep_as_twisted(world, &person("organizations")?, options);
            }
            return Ok(None);
        }
        _ => return Ok(None),
    };
    rules.authority = Some(AUTHORITY.to_owned());
    Ok(Some(made))
}

pub(super) fn person(tenant: &str) -> Result<Remembered, Error> {
    let client = EntraClient::new(tenant, w::DEVELOPER_CLIENT)?;
    Ok(Remembered::of(DeviceCodeCredential::of(client), Memory::shared()))
}

fn keep_as_twisted(world: &mut World, credential: &dyn Credential, options: &Options) {
    match options.twist {
        Twist::JustNow => keep(world, credential, &options.request, MINUTE),
        Twist::DayAgo => keep(world, credential, &options.request, DAY),
        _ => {}
    }
}

/// Gets a token as it went some time ago, when all was well, so that it is kept. Where it did not go at
/// all, nothing is.
pub(super) fn keep(world: &mut World, credential: &dyn Credential, request: &TokenRequest, ago: Duration) {
    let mut machine = Machine::default();
    machine.now = before(world.began, ago);
    let order = std::mem::take(&mut world.shelf.order);
    let _: Result<AccessToken, Error> = with_usual_people(world, |world| {
        let World { emulator, shelf, canaries, .. } = world;
        let answered = machine.run(credential.begin(request), |effect, now| match effect {
            Effect::Http(call) => {
                let (request, ticket) = call.split();
                let answer = emulator.answer(*now, &request);
                canaries.add_form(request.body().expose());
                canaries.add_json(answer.body().expose());
                ticket.reply(Ok(answer))
            }
            Effect::Prompt(show) => {
                let (prompt, ticket) = show.split();
                let (page, code) = (&prompt.verification_uri, prompt.user_code.expose());
                canaries.add(Canary::UserCode, code);
                let send = |request| Ok::<_, Infallible>(emulator.answer(*now, &request));
                // Whoever the pages let get nowhere is not signed in.
                let _ = Person::default().approve_device(page, code, send);
                ticket.reply(Ok(()))
            }
            Effect::Store(using) => {
                let result = shelf.says(using.name(), using.action(), *now).expect("it is in order");
                using.split().2.reply(result)
            }
            other => other.unsupported(),
        });
        answered.0
    });
    world.shelf.order = order;
}
