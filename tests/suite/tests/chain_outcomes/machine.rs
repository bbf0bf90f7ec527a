//! A machine on which each member of the default chain is in some state.

use std::collections::BTreeSet;

use entrada_core::SecretBytes;
use entrada_core::chain::Member;
use entrada_core::effect::{
    CommandFailure, CommandOutput, Effect, FileContents, FileFailure, HttpFailure, Reply,
};
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::{AccessToken, Authority, Chain, Cloud, DefaultChain, Environment, Error, TokenRequest};
use entrada_tests::script::{respond, run};

pub(crate) const MEMBERS: [Member; 8] = [
    Member::Environment,
    Member::WorkloadIdentity,
    Member::ManagedIdentity,
    Member::SharedTokenCache,
    Member::VisualStudioCode,
    Member::AzureCli,
    Member::AzurePowerShell,
    Member::AzureDeveloperCli,
];

const TOKEN_FILE: &str = "/var/run/secrets/azure/tokens/azure-identity-token";
const TENANT: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    Broken,
    Working,
    /// A tool that nobody is signed in to, or a cache of several accounts.
    SignedOut,
}

impl State {
    pub(crate) const ALL: [State; 4] = [State::Absent, State::Broken, State::Working, State::SignedOut];
}

#[derive(Clone, Debug)]
pub(crate) struct Machine([State; 8]);

impl Machine {
    pub(crate) fn numbered(mut number: usize) -> Machine {
        Machine(std::array::from_fn(|_| {
            let state = State::ALL[number % 4];
            number /= 4;
            state
        }))
    }

    pub(crate) fn where_all(state: State) -> Machine {
        Machine([state; 8])
    }

    pub(crate) fn where_only(member: Member, state: State) -> Machine {
        Machine(MEMBERS.map(|other| if other == member { state } else { State::Absent }))
    }

    pub(crate) fn state(&self, member: Member) -> State {
        self.0[MEMBERS.iter().position(|other| *other == member).expect("a member")]
    }

    /// The same with this member in another state.
    pub(crate) fn with(&self, member: Member, state: State) -> Machine {
        let states = MEMBERS.map(|other| if other == member { state } else { self.state(other) });
        Machine(states)
    }

    /// Whether there can be such a machine: only what is a developer's knows who is signed in, and the editor
    /// gives no token to anybody, whoever is.
    pub(crate) fn is_possible(&self) -> bool {
        MEMBERS.iter().all(|member| match self.state(*member) {
            State::SignedOut => member.is_tool() && *member != Member::VisualStudioCode,
            _ => true,
        })
    }

    /// Whether the member finds enough to ask somebody. The metadata service and what is a developer's are
    /// always looked for.
    pub(crate) fn is_there(&self, member: Member) -> bool {
        let described = matches!(member, Member::Environment | Member::WorkloadIdentity);
        !described || self.state(member) != State::Absent
    }

    fn environment(&self) -> Environment {
        let set = |member, name, value| (self.state(member) != State::Absent).then_some((name, value));
        let described = [
            set(Member::Environment, "AZURE_CLIENT_SECRET", "canary-secret"),
            set(Member::WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE", TOKEN_FILE),
        ];
        let app = [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", TENANT), ("HOME", "/home/jo")];
        app.into_iter().chain(described.into_iter().flatten()).collect::<Environment>().on(System::Linux)
    }

    pub(crate) fn chain(&self, variables: &[(&str, &str)]) -> Result<Chain, Error> {
        let environment =
            variables.iter().fold(self.environment(), |all, (name, value)| all.with(*name, *value));
        DefaultChain::new(&environment, &Authority::of_cloud(Cloud::PUBLIC)?).build()
    }

    /// Runs a chain of this environment; who was asked.
    pub(crate) fn run(
        &self,
        variables: &[(&str, &str)],
    ) -> (Result<AccessToken, Error>, BTreeSet<&'static str>) {
        match self.chain(variables) {
            Ok(chain) => self.run_chain(&chain),
            Err(error) => (Err(error), BTreeSet::new()),
        }
    }

    pub(crate) fn run_chain(&self, chain: &Chain) -> (Result<AccessToken, Error>, BTreeSet<&'static str>) {
        let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
        let mut asked = BTreeSet::new();
        let (result, _) = run(chain.begin(&request), |effect, _| {
            let member = who(&effect);
            asked.insert(member.name());
            answer(effect, member, self.state(member))
        });
        (result, asked)
    }
}

/// Whose effect it is.
fn who(effect: &Effect) -> Member {
    match effect {
        Effect::Http(call) => {
            let body = String::from_utf8_lossy(call.request().body().expose());
            match call.request().uri().host() {
                Some("169.254.169.254") => Member::ManagedIdentity,
                _ if body.contains("grant_type=refresh_token") => Member::SharedTokenCache,
                _ if body.contains("client_assertion=") => Member::WorkloadIdentity,
                _ => Member::Environment,
            }
        }
        Effect::ReadFile(file) if file.path().to_str() == Some(TOKEN_FILE) => Member::WorkloadIdentity,
        Effect::ReadFile(file) if file.path().ends_with("authRecord.json") => Member::VisualStudioCode,
        Effect::ReadFile(_) => Member::ManagedIdentity,
        Effect::Store(_) => Member::SharedTokenCache,
        Effect::RunCommand(command) => match command.program() {
            "az" => Member::AzureCli,
            "azd" => Member::AzureDeveloperCli,
            _ => Member::AzurePowerShell,
        },
        other => panic!("{other:?}"),
    }
}

fn answer(effect: Effect, member: Member, state: State) -> Reply {
    match effect {
        Effect::Http(call) => match (member, state) {
            (_, State::Working) => {
                respond(call, 200, &[], r#"{"access_token":"t","expires_in":3600,"client_id":""}"#)
            }
            (Member::ManagedIdentity, State::Broken) => respond(call, 500, &[], r#"{"error":"unknown"}"#),
            (Member::ManagedIdentity, _) => call.split().1.reply(Err(HttpFailure::Refused)),
            _ => {
                let refusal = r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired"}"#;
                respond(call, 401, &[], refusal)
            }
        },
        // The agent of Azure Arc is not installed.
        Effect::ReadFile(file) if member == Member::ManagedIdentity => {
            file.split().1.reply(Err(FileFailure::NotFound))
        }
        Effect::ReadFile(file) if member == Member::VisualStudioCode => {
            let (path, ticket) = file.split();
            let contents = record(state).ok_or(FileFailure::NotFound);
            ticket.reply(contents.map(|bytes| FileContents { bytes, resolved: path }))
        }
        Effect::Store(using) => using.split().2.reply(Ok(kept(state))),
        Effect::ReadFile(file) => {
            let (path, ticket) = file.split();
            ticket.reply(Ok(FileContents { bytes: b"federated".to_vec().into(), resolved: path }))
        }
        Effect::RunCommand(command) => command.ticket().reply(match state {
            State::Absent => Err(CommandFailure::NotFound),
            State::Broken => Ok(printed(1, "", "ERROR: AADSTS700082: The refresh token has expired")),
            State::SignedOut => Ok(printed(1, "", signed_out(member))),
            State::Working => Ok(printed(0, token(member), "")),
        }),
        other => panic!("{other:?}"),
    }
}

fn printed(code: i32, stdout: &str, stderr: &str) -> CommandOutput {
    let bytes = |text: &str| text.as_bytes().to_vec().into();
    CommandOutput { code: Some(code), stdout: bytes(stdout), stderr: bytes(stderr) }
}

fn signed_out(member: Member) -> &'static str {
    match member {
        Member::AzureCli => "ERROR: Please run 'az login' to setup account.",
        Member::AzureDeveloperCli => "ERROR: not logged in, run `azd auth login` to login",
        _ => "Run Connect-AzAccount to login.",
    }
}

fn token(member: Member) -> &'static str {
    match member {
        Member::AzureCli => r#"{"accessToken":"t","expires_on":4004566626}"#,
        Member::AzureDeveloperCli => r#"{"token":"t","expiresOn":"2096-11-24T05:17:06Z"}"#,
        _ => "\nentrada%t%4004566626%\n",
    }
}

/// What the editor's extension left behind.
fn record(state: State) -> Option<SecretBytes> {
    let client = match state {
        State::Absent | State::SignedOut => return None,
        State::Broken => "of another app",
        State::Working => "aebc6443-996d-45c2-90f0-388ff96faa56",
    };
    let record = format!(
        r#"{{"username":"jo@contoso.com","authority":"login.microsoftonline.com","homeAccountId":"u.{TENANT}",
            "tenantId":"{TENANT}","clientId":"{client}","version":"1.0"}}"#
    );
    Some(record.into_bytes().into())
}

/// The accounts that are kept: none, one, or two.
fn kept(state: State) -> SecretBytes {
    let names: &[&str] = match state {
        State::Absent => &[],
        State::Broken | State::Working => &["jo"],
        State::SignedOut => &["jo", "ann"],
    };
    let place = "login.microsoftonline.com";
    let accounts = names.iter().map(|name| {
        format!(
            r#""{name}.{TENANT}-{place}-{TENANT}":{{"home_account_id":"{name}.{TENANT}","environment":"{place}",
                "realm":"{TENANT}","local_account_id":"{name}","username":"{name}@contoso.com",
                "authority_type":"MSSTS"}}"#
        )
    });
    let tokens = names.iter().map(|name| {
        format!(
            r#""{name}.{TENANT}-{place}-refreshtoken-1--":{{"credential_type":"RefreshToken","secret":"canary-refresh",
                "home_account_id":"{name}.{TENANT}","environment":"{place}","family_id":"1",
                "client_id":"04b07795-8ddb-461a-bbee-02f9e1bf7b46"}}"#
        )
    });
    let all = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(",");
    let (mut accounts, mut tokens) = (accounts, tokens);
    let document =
        format!(r#"{{"Account":{{{}}},"RefreshToken":{{{}}}}}"#, all(&mut accounts), all(&mut tokens));
    document.into_bytes().into()
}
