//! Every flow against the pure world on a virtual clock: fair worlds, and worlds full of faults.

use entrada_tests::choices::Choices;
use entrada_tests::setups::{Kind, Setup, Twist};
use entrada_tests::sim::{Outcome, simulate};
use proptest::prelude::*;

fn run(kind: Kind, bytes: &[u8]) -> Option<Outcome> {
    let mut choices = Choices::new(bytes);
    Setup::drawn(kind, &mut choices).map(|setup| simulate(setup, &mut choices))
}

/// Shown in hexadecimal, to be copied into a corpus file.
struct Bytes(Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Cases for each flow. In all some thousands, within a minute without optimisation.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 300,
        failure_persistence: None,
        max_shrink_time: 3000,
        ..ProptestConfig::default()
    }
}

macro_rules! flows {
    ($($name:ident: $kind:ident,)*) => { $(
        #[test]
        fn $name() {
            let bytes = proptest::collection::vec(any::<u8>(), 0..512).prop_map(Bytes);
            proptest!(config(), |(bytes in bytes)| {
                if let Some(outcome) = run(Kind::$kind, &bytes.0) {
                    outcome.assert_clean();
                }
            });
        }
    )* };
}

flows! {
    client_secret: ClientSecret,
    device_code: DeviceCode,
    interactive_browser: InteractiveBrowser,
    azure_cli: AzureCli,
    managed_identity: ManagedIdentity,
    environment: Environment,
    default_chain: DefaultChain,
    explicit_chain: ExplicitChain,
    get_workspace: GetWorkspace,
    list_workspaces: ListWorkspaces,
    find_config: FindConfig,
    client_certificate: ClientCertificate,
    client_assertion: ClientAssertion,
    workload_identity: WorkloadIdentity,
    azure_pipelines: AzurePipelines,
    on_behalf_of: OnBehalfOf,
    authorization_code: AuthorizationCode,
    refresh_token: RefreshToken,
    username_password: UsernamePassword,
    federated_password: FederatedPassword,
    app_service: AppService,
    service_fabric: ServiceFabric,
    arc: Arc,
    cloud_shell: CloudShell,
    machine_learning: MachineLearning,
    machine_learning_job: MachineLearningJob,
    workspace_keys: WorkspaceKeys,
    endpoint_access: EndpointAccess,
    enable_identity: EnableIdentity,
    azure_developer_cli: AzureDeveloperCli,
    azure_powershell: AzurePowerShell,
    workload_proxy: WorkloadProxy,
    unknown_authority: UnknownAuthority,
    shared_cache: SharedCache,
    remembered_sign_in: RememberedSignIn,
    remembered_app: RememberedApp,
    azure_cli_native: AzureCliNative,
    regional_authority: RegionalAuthority,
    external_tenant: ExternalTenant,
    dsts: Dsts,
    create_principal: CreatePrincipal,
    add_credential: AddCredential,
    remove_credentials: RemoveCredentials,
    show_principal: ShowPrincipal,
    show_application: ShowApplication,
    delete_principal: DeletePrincipal,
    find_principal: FindPrincipal,
    assign_role: AssignRole,
    list_roles: ListRoles,
    list_endpoints: ListEndpoints,
    show_identity: ShowIdentity,
    disable_identity: DisableIdentity,
    regenerate_key: RegenerateKey,
}

macro_rules! flows_at_adfs {
    ($($name:ident: $kind:ident,)*) => { $(
        #[test]
        fn $name() {
            let bytes = proptest::collection::vec(any::<u8>(), 0..512).prop_map(Bytes);
            proptest!(config(), |(bytes in bytes)| {
                let mut choices = Choices::new(&bytes.0);
                if let Some(setup) = Setup::drawn_twisted(Kind::$kind, Twist::AdFs, &mut choices) {
                    simulate(setup, &mut choices).assert_clean();
                }
            });
        }
    )* };
}

flows_at_adfs! {
    client_certificate_at_adfs: ClientCertificate,
    device_code_at_adfs: DeviceCode,
    interactive_browser_at_adfs: InteractiveBrowser,
    on_behalf_of_at_adfs: OnBehalfOf,
    authorization_code_at_adfs: AuthorizationCode,
    refresh_token_at_adfs: RefreshToken,
    username_password_at_adfs: UsernamePassword,
}

#[test]
fn every_flow_is_simulated_that_an_adfs_has() {
    let text = include_str!("simulation.rs");
    for kind in Kind::ALL.into_iter().filter(|kind| kind.twists().contains(&Twist::AdFs)) {
        assert!(text.contains(&format!("_at_adfs: {kind:?},")), "{kind:?} is not simulated");
        let draw = |choices: &mut Choices<'_>| Setup::drawn_twisted(kind, Twist::AdFs, choices);
        let counted = entrada_tests::census::count_of(draw, 100, 11);
        assert!(counted.successes >= 20, "{}", entrada_tests::census::line(kind, &counted));
    }
}

#[test]
fn every_flow_is_simulated() {
    let text = include_str!("simulation.rs");
    for kind in Kind::ALL {
        assert!(text.contains(&format!(": {kind:?},")), "{kind:?} is not simulated");
    }
}

#[test]
fn every_flow_succeeds_in_a_fair_world() {
    for kind in Kind::ALL {
        let outcome = simulate(Setup::fair(kind), &mut Choices::new(&[200]));
        outcome.assert_clean();
        assert!(
            outcome.result.is_ok(),
            "{}: {:?}\n{}",
            kind.name(),
            outcome.result,
            outcome.trace.join("\n")
        );
    }
}

#[test]
fn one_thing_wrong_has_the_effect_it_must_have() {
    let failed: Vec<_> = entrada_tests::model::cases()
        .into_iter()
        .filter(|case| std::panic::catch_unwind(|| case.check()).is_err())
        .map(|case| case.name)
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// A generator whose runs all end early tests nothing: each flow must come to its end often enough,
/// faults or no faults. `--nocapture` shows the table.
#[test]
fn census() {
    use entrada_tests::census::{count, line};
    for kind in Kind::ALL {
        let counted = count(kind, 150, 11);
        println!("{}", line(kind, &counted));
        // Which endpoint it is, and the key or token of it, have both to be allowed.
        // A set-up takes a dozen requests, most of which are worth a fault.
        let least = match kind {
            Kind::CreatePrincipal => 10,
            Kind::EndpointAccess | Kind::AddCredential | Kind::RemoveCredentials | Kind::DeletePrincipal => {
                15
            }
            _ => 20,
        };
        assert!(counted.successes * 100 >= least * counted.runs, "{}", line(kind, &counted));
        let enough = match kind {
            Kind::AzureCli | Kind::FindConfig | Kind::AzureDeveloperCli | Kind::AzurePowerShell => 0,
            // A code and a password are not tried twice, so there is little that they survive.
            Kind::AuthorizationCode | Kind::UsernamePassword | Kind::FederatedPassword => 1,
            _ => 3,
        };
        assert!(counted.despite_faults >= enough, "{}", line(kind, &counted));
    }
}
