//! How the default chain sets its members up: what is set up wrongly stops it, a managed identity that is
//! alone is not looked for first, and a tool that hangs leaves time for the next.

use std::time::Duration;

use entrada_core::chain::Member;
use entrada_core::effect::{
    CommandFailure, CommandOutput, Effect, FileFailure, HttpFailure, Reply, RunCommand,
};
use entrada_core::flow::Credential;
use entrada_core::time::Mono;
use entrada_core::{Authority, Chain, Cloud, DefaultChain, Environment, ErrorKind, ManagedIdentityId};
use entrada_tests::script::{respond, run};

const ID: &str = "6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10";

fn chain(variables: &[(&str, &str)]) -> DefaultChain {
    let environment: Environment = variables.iter().copied().collect();
    DefaultChain::new(&environment, &Authority::of_cloud(Cloud::PUBLIC).unwrap())
}

#[test]
fn who_is_set_up_wrongly_is_not_replaced_by_a_developer() {
    let typo = ("AZURE_CLIENT_ID", "not a guid");
    let federated = |tenant| [("AZURE_TENANT_ID", tenant), ("AZURE_FEDERATED_TOKEN_FILE", "/x")];
    let workload = [&federated("..")[..], &[("AZURE_CLIENT_ID", ID)]].concat();
    let hosts: [&[(&str, &str)]; 4] = [
        &[("IDENTITY_ENDPOINT", "http://localhost/t"), ("IDENTITY_HEADER", "s")],
        &[("IDENTITY_ENDPOINT", "http://localhost/t"), ("IMDS_ENDPOINT", "http://localhost")],
        &[("MSI_ENDPOINT", "http://localhost/t"), ("MSI_SECRET", "s")],
        &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:8080")],
    ];
    let hosts = hosts.map(|host| (Member::ManagedIdentity, [host, &[typo]].concat()));
    for (member, variables) in hosts.into_iter().chain([(Member::WorkloadIdentity, workload)]) {
        // Nobody is asked anything: not the host, whose identity is not named, and no developer.
        let environment = variables.iter().copied().collect::<Environment>();
        let environment = environment.on(entrada_core::environment::System::Linux);
        let built = DefaultChain::new(&environment, &Authority::of_cloud(Cloud::PUBLIC).unwrap()).build();
        let request = super::request();
        let (result, _) =
            run(built.unwrap().begin(&request), |effect, _| panic!("{variables:?}: {effect:?}"));
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{variables:?}: {error}");
        let last = error.attempts().last().unwrap();
        assert_eq!((last.source, last.outcome), (member.name(), ErrorKind::Configuration), "{variables:?}");
        if member == Member::ManagedIdentity {
            assert!(error.remedy().unwrap().contains("AZURE_CLIENT_ID"), "{error}");
        }
    }
    // A host that has one identity and no way to name it is asked for that.
    let nameless: [&[(&str, &str)]; 2] = [
        &[("MSI_ENDPOINT", "http://localhost/t")],
        &[
            ("IDENTITY_ENDPOINT", "https://localhost/t"),
            ("IDENTITY_HEADER", "s"),
            ("IDENTITY_SERVER_THUMBPRINT", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ],
    ];
    for host in nameless {
        let alone = ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
        for variables in [[host, &[typo]].concat(), [host, &[typo, alone]].concat()] {
            let built = chain(&variables).build().unwrap();
            let (result, _) = run(built.begin(&super::request()), |effect, now| match effect {
                Effect::Http(call) => {
                    let token = r#"{"access_token":"opaque","expires_in":3600}"#;
                    respond(call, 200, &[], token)
                }
                other => absent(other, now),
            });
            assert_eq!(result.unwrap().source(), "managed-identity", "{variables:?}");
        }
    }
    // A host that says that it has no identity is absent, whatever the variable says.
    let none = chain(&[typo, ("MSI_ENDPOINT", "identity-responder-not-enabled")]).build().unwrap();
    let (result, _) = run(none.begin(&super::request()), absent);
    assert!(result.unwrap_err().is_unavailable());
    // Whoever asks for the managed identity alone learns that its name is wrong.
    let alone = chain(&[typo, ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")]).build().unwrap();
    let (result, _) = run(alone.begin(&super::request()), absent);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Configuration);
}

#[test]
fn a_bad_authority_stops_those_that_are_set_up_and_need_it() {
    let bad = ("AZURE_AUTHORITY_HOST", "http://login.example");
    let secret = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", ID), ("AZURE_CLIENT_SECRET", "canary")];
    let federated = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", ID), ("AZURE_FEDERATED_TOKEN_FILE", "/x")];
    let ask = |variables: &[(&str, &str)]| {
        let environment = variables.iter().copied().chain([bad]).collect();
        let chain = DefaultChain::from_environment(&environment).build().unwrap();
        run(chain.begin(&super::request()), |effect, now| match effect {
            Effect::RunCommand(command) if command.program() == "az" => signed_in(*command),
            other => absent(other, now),
        })
        .0
    };
    for (variables, stopped) in [(&secret, "environment"), (&federated, "workload-identity")] {
        let error = ask(variables).unwrap_err();
        assert_eq!((error.kind(), error.source_name()), (ErrorKind::Configuration, Some(stopped)), "{error}");
        assert!(error.message().contains("AZURE_AUTHORITY_HOST") && !format!("{error:?}").contains("canary"));
    }
    // Who is not set up is absent, and who needs no authority answers.
    assert_eq!(ask(&[]).unwrap().source(), "azure-cli");
    assert_eq!(ask(&secret[..2]).unwrap().source(), "azure-cli");
}

fn signed_in(command: RunCommand) -> Reply {
    let stdout = br#"{"accessToken":"opaque","expires_on":2082758400}"#.to_vec().into();
    let output = CommandOutput { code: Some(0), stdout, stderr: Vec::new().into() };
    command.ticket().reply(Ok(output))
}

fn absent(effect: Effect, _: &mut entrada_core::Now) -> Reply {
    match effect {
        Effect::Http(call) => call.split().1.reply(Err(HttpFailure::Refused)),
        Effect::RunCommand(command) => command.ticket().reply(Err(CommandFailure::NotFound)),
        Effect::ReadFile(file) => file.split().1.reply(Err(FileFailure::NotFound)),
        other => other.unsupported(),
    }
}

/// The requests to a metadata service that is slow to begin with: how many are probes, how many are not, and
/// whose identity is asked for.
fn asked(chain: &Chain) -> (usize, usize, Option<String>) {
    let (mut probes, mut requests, mut identity) = (0, 0, None);
    let (result, _) = run(chain.begin(&super::request()), |effect, _| match effect {
        Effect::Http(call) if !call.request().headers().contains_key("metadata") => {
            probes += 1;
            respond(call, 400, &[], "")
        }
        Effect::Http(call) => {
            requests += 1;
            identity = call.request().uri().query().and_then(|query| {
                query.split('&').find_map(|pair| pair.strip_prefix("client_id=")).map(str::to_owned)
            });
            match requests {
                1 | 2 => respond(call, 503, &[], r#"{"error":"busy"}"#),
                _ => respond(call, 200, &[], r#"{"access_token":"t","expires_in":3600}"#),
            }
        }
        other => absent(other, &mut entrada_core::Now::default()),
    });
    assert_eq!(result.unwrap().source(), "managed-identity");
    (probes, requests, identity)
}

#[test]
fn a_managed_identity_alone_is_not_looked_for_first() {
    let selected = ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
    let other = "9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07";
    let named = || ManagedIdentityId::client_id(other).unwrap();
    let of = |chain: DefaultChain| asked(&chain.build().unwrap());
    assert_eq!(of(chain(&[selected])), (0, 3, None));
    assert_eq!(of(chain(&[selected, ("AZURE_CLIENT_ID", ID)])), (0, 3, Some(ID.to_owned())));
    // Another identity changes nothing of that, whatever the variable names.
    for variable in [ID, "not a guid"] {
        let chain = chain(&[selected, ("AZURE_CLIENT_ID", variable)]);
        assert_eq!(
            of(chain.with_managed_identity(named()).refusing_to_guess()),
            (0, 3, Some(other.to_owned()))
        );
    }
    // It is the members of the chain that is built which count, not what selected them.
    let others = Member::ALL.into_iter().filter(|member| *member != Member::ManagedIdentity);
    assert_eq!(of(others.fold(chain(&[]), DefaultChain::without)), (0, 3, None));
    assert_eq!(of(chain(&[selected]).including(Member::AzureCli)), (1, 3, None));
    assert_eq!(of(chain(&[])), (1, 3, None));
    assert_eq!(of(chain(&[]).with_managed_identity(named())), (1, 3, Some(other.to_owned())));
}

/// How long each tool is given where all of them hang, in seconds.
fn given(chain: DefaultChain) -> Vec<(&'static str, u64)> {
    let mut given = Vec::new();
    let (result, _) = run(chain.build().unwrap().begin(&super::request()), |effect, now| match effect {
        Effect::RunCommand(_) => {
            let deadline: Mono = effect.deadline().unwrap();
            let Effect::RunCommand(command) = effect else { unreachable!() };
            given.push((command.program(), now.mono.until(deadline).as_secs()));
            entrada_tests::script::pass(now, now.mono.until(deadline));
            command.ticket().reply(Err(CommandFailure::TimedOut))
        }
        other => absent(other, now),
    });
    assert!(result.is_err());
    given
}

#[test]
fn a_tool_that_hangs_leaves_time_for_the_next() {
    assert_eq!(given(chain(&[])), [("az", 13), ("pwsh", 20), ("azd", 13)]);
    let limited = || chain(&[]).tools_within(Duration::from_secs(40));
    assert_eq!(given(limited()), [("az", 40), ("pwsh", 40), ("azd", 40)]);
    let own = entrada_core::AzureCliCredential::new().within(Duration::from_secs(5));
    let replaced = chain(&[]).replacing(Member::AzureCli, own).tools_within(Duration::from_secs(40));
    assert_eq!(given(replaced), [("az", 5), ("pwsh", 40), ("azd", 40)]);
}
