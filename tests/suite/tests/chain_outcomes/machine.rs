//! A machine on which each member of the default chain is in some state.

use std::collections::BTreeSet;

use entrada_core::chain::Member;
use entrada_core::effect::{CommandFailure, CommandOutput, Effect, FileContents, HttpFailure, Reply};
use entrada_core::environment::System;
use entrada_core::flow::Credential;
use entrada_core::{AccessToken, Authority, Chain, Cloud, DefaultChain, Environment, Error, TokenRequest};
use entrada_tests::script::{respond, run};

pub(crate) const MEMBERS: [Member; 6] = [
    Member::Environment,
    Member::WorkloadIdentity,
    Member::ManagedIdentity,
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
    /// A tool that nobody is signed in to.
    SignedOut,
}

impl State {
    pub(crate) const ALL: [State; 4] = [State::Absent, State::Broken, State::Working, State::SignedOut];
}

#[derive(Clone, Debug)]
pub(crate) struct Machine([State; 6]);

impl Machine {
    pub(crate) fn numbered(mut number: usize) -> Machine {
        Machine(std::array::from_fn(|_| {
            let state = State::ALL[number % 4];
            number /= 4;
            state
        }))
    }

    pub(crate) fn where_all(state: State) -> Machine {
        Machine([state; 6])
    }

    pub(crate) fn where_only(member: Member, state: State) -> Machine {
        Machine(MEMBERS.map(|other| if other == member { state } else { State::Absent }))
    }

    pub(crate) fn state(&self, member: Member) -> State {
        self.0[MEMBERS.iter().position(|other| *other == member).expect("a member")]
    }

    /// Whether the member finds enough to ask somebody. The metadata service and the tools are always
    /// looked for.
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
        let app = [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", TENANT)];
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
                _ if body.contains("client_assertion=") => Member::WorkloadIdentity,
                _ => Member::Environment,
            }
        }
        Effect::ReadFile(file) if file.path().to_str() == Some(TOKEN_FILE) => Member::WorkloadIdentity,
        Effect::ReadFile(_) => Member::ManagedIdentity,
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
            file.split().1.reply(Err(entrada_core::effect::FileFailure::NotFound))
        }
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
