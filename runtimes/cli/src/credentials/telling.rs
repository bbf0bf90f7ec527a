//! Whose token a managed identity gave, where that is not what its name says, or not who was named.

use std::sync::Once;

use entrada_core::cache::Partition;
use entrada_core::chain::Member;
use entrada_core::flows::managed::Source;
use entrada_core::{
    AccessToken, BoxFlow, Credential, Environment, ManagedIdentityCredential, TokenRequest, flow,
};

use crate::output;
use crate::ui::say;

/// The same credential; what is odd about the token of a managed identity is said, once.
#[derive(Debug)]
pub(super) struct Telling<C> {
    credential: C,
    host: Host,
}

/// What there is to say of a host.
#[derive(Clone, Copy, Debug)]
struct Host {
    name: &'static str,
    takes_names: bool,
    passed_over: Option<&'static str>,
}

impl<C> Telling<C> {
    /// The notes for the host of this environment; whether somebody is `named` by an option, so that a variable is not
    /// meant to.
    pub(super) fn new(credential: C, environment: &Environment, named: bool) -> Telling<C> {
        let source = Source::of_environment(environment).ok();
        let source = source.as_ref();
        let host = Host {
            name: source.map_or("this host", Source::name),
            takes_names: source.is_none_or(Source::can_select_identity),
            passed_over: source.and_then(|source| source.ignored_variable(environment)).filter(|_| !named),
        };
        Telling { credential, host }
    }

    fn telling(&self, flow: BoxFlow<AccessToken>) -> BoxFlow<AccessToken> {
        static ONCE: Once = Once::new();
        let host = self.host;
        flow::map(flow, move |token| {
            if let Some(note) = host.note(&token) {
                ONCE.call_once(|| say(&format!("note: {note}")));
            }
            Ok(token)
        })
    }
}

impl<C: Credential> Credential for Telling<C> {
    fn name(&self) -> &'static str {
        self.credential.name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        self.telling(self.credential.begin(request))
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        self.telling(self.credential.renew(request))
    }

    fn partition(&self) -> Partition {
        self.credential.partition()
    }
}

impl Host {
    /// What there is to say of a token.
    fn note(self, token: &AccessToken) -> Option<String> {
        let Host { name, .. } = self;
        let passed_over = self
            .passed_over
            .map(|variable| format!("{variable} is set, and names nobody here: {name} has one identity"));
        if !ManagedIdentityCredential::gave_that_of_a_person(token) {
            return passed_over.filter(|_| token.source() == Member::ManagedIdentity.name());
        }
        let who = output::who(token.identity()).unwrap_or_else(|| "a person".to_owned());
        if self.takes_names {
            return Some(format!(
                "this host's managed identity gave the token of a person: {who}. Name an identity with --identity client-id:X, or pass --refuse-to-guess to have none of a person"
            ));
        }
        let passed_over = passed_over.map(|passed| format!("{passed}. ")).unwrap_or_default();
        Some(format!(
            "{name} gave the token of a person, and has no other: {who}. {passed_over}Pass --refuse-to-guess to have none of a person"
        ))
    }
}
