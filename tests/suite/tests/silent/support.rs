//! What they are tried with.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use entrada_core::cache::accounts::AccountCache;
use entrada_core::effect::{Effect, HttpFailure, Reply, StoreAction, StoreFailure, StoreName};
use entrada_core::flow::{BoxFlow, Credential};
use entrada_core::flows::silent::{Memory, Remembered, SharedTokenCacheCredential};
use entrada_core::{AccessToken, DeviceCodeCredential, EntraClient, Error, Now, SecretBytes, TokenRequest};
use entrada_emulator::person::Person;
use entrada_emulator::{Config, Emulator};
use entrada_tests::script::{Machine, Told, pass};

pub(crate) const VAULT: &str = "https://vault.azure.net/.default";

/// A machine with a store, a person at it, and the emulator.
pub(crate) struct Desk {
    pub(crate) machine: Machine,
    pub(crate) emulator: Emulator,
    pub(crate) kept: BTreeMap<StoreName, SecretBytes>,
    pub(crate) person: Person,
    /// Nothing can be kept, or nothing can be sent.
    pub(crate) no_store: bool,
    pub(crate) no_network: bool,
    pub(crate) asked: u32,
}

impl Desk {
    pub(crate) fn new() -> Desk {
        let mut config = Config::default();
        config.policy.device_interval = 1;
        Desk {
            machine: Machine::default(),
            emulator: Emulator::new(config, [7; 32]),
            kept: BTreeMap::new(),
            person: Person::default(),
            no_store: false,
            no_network: false,
            asked: 0,
        }
    }

    pub(crate) fn run<T>(&mut self, flow: BoxFlow<T>) -> (Result<T, Error>, Told) {
        let Desk { machine, emulator, kept, person, no_store, no_network, asked } = self;
        machine.run(flow, |effect, now| {
            answer(effect, now, emulator, kept, person, (*no_store, *no_network), asked)
        })
    }

    /// The token, how many requests it took, and how often somebody was asked.
    pub(crate) fn token(
        &mut self,
        credential: &dyn Credential,
        request: &TokenRequest,
    ) -> (Result<AccessToken, Error>, usize, u32) {
        let before = self.asked;
        let (result, told) = self.run(credential.begin(request));
        let requests = told.effects.iter().filter(|effect| effect.contains("POST")).count();
        (result, requests, self.asked - before)
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        pass(&mut self.machine.now, Duration::from_secs(seconds));
    }

    pub(crate) fn cache(&self, name: &str) -> AccountCache {
        let kept = self.kept.get(&StoreName::new(name).unwrap()).cloned().unwrap_or_default();
        AccountCache::parse(kept.expose()).unwrap()
    }
}

pub(crate) fn answer(
    effect: Effect,
    now: &mut Now,
    emulator: &mut Emulator,
    kept: &mut BTreeMap<StoreName, SecretBytes>,
    person: &Person,
    (no_store, no_network): (bool, bool),
    asked: &mut u32,
) -> Reply {
    match effect {
        Effect::Http(call) => {
            let (request, ticket) = call.split();
            match no_network {
                true => ticket.reply(Err(HttpFailure::Refused)),
                false => ticket.reply(Ok(emulator.answer(*now, &request))),
            }
        }
        Effect::Prompt(show) => {
            *asked += 1;
            let (prompt, ticket) = show.split();
            let send = |request| Ok::<_, Infallible>(emulator.answer(*now, &request));
            person.approve_device(&prompt.verification_uri, prompt.user_code.expose(), send).unwrap();
            ticket.reply(Ok(()))
        }
        Effect::Forget(forget) => forget.split().1.done(),
        Effect::Store(using) => {
            let (name, action, ticket) = using.split();
            let before = kept.get(&name).cloned().unwrap_or_default();
            if no_store {
                return ticket.reply(Err(StoreFailure::Unavailable("there is no home".into())));
            }
            match action {
                StoreAction::Change(change) => {
                    let after = change.apply_to_bytes(before.expose(), now.unix).unwrap();
                    kept.insert(name, after.clone());
                    ticket.reply(Ok(after))
                }
                _ => ticket.reply(Ok(before)),
            }
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) fn tool() -> EntraClient {
    EntraClient::developer().unwrap()
}

pub(crate) fn device(client: EntraClient) -> Remembered {
    Remembered::of(DeviceCodeCredential::of(client), Memory::shared())
}

pub(crate) fn shared(memory: Memory) -> SharedTokenCacheCredential {
    SharedTokenCacheCredential::of(tool(), memory)
}

pub(crate) fn request(scope: &str) -> TokenRequest {
    TokenRequest::new([scope]).unwrap()
}

#[track_caller]
pub(crate) fn ok(
    (result, requests, asked): (Result<AccessToken, Error>, usize, u32),
) -> (String, usize, u32) {
    (result.unwrap().secret().expose().to_owned(), requests, asked)
}

#[track_caller]
pub(crate) fn error((result, _, asked): (Result<AccessToken, Error>, usize, u32)) -> Error {
    assert_eq!(asked, 0, "nobody may be asked");
    result.unwrap_err()
}
