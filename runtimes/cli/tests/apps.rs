//! Apps that prove themselves with a secret or a certificate, at authorities of every kind, and on behalf of others.

#![cfg(unix)]

mod support;

use entrada_emulator::{Config, world};
use support::asking::{app, ask, federated, is_app, is_usage, refused};
use support::{Files, address, at, emulator, run, run_with_input, words};

#[test]
fn an_address_that_stands_for_a_tenant_needs_no_other() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let adfs = format!("{}/adfs", address(&server));
    let secret = files.put("secret", world::SECRET);
    let mut command = at(&server);
    command.env("AZURE_CLIENT_ID", world::APP);
    let ended = ask(command, "client-secret", &["--authority", &adfs, "--client-secret-file", &secret]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("/adfs/oauth2/token"), "{ended:?}");
    let mut command = at(&server);
    command.env("AZURE_CLIENT_ID", world::APP);
    is_usage(&ask(command, "client-secret", &["--client-secret-file", &secret]), "--tenant-id");
}

#[test]
fn a_provider_tells_its_addresses_itself() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let secret = files.put("secret", world::SECRET);
    let issuer = format!("{}/{}", address(&server), world::TENANT);
    let by = |issuer: &str, more: &[&str]| {
        let mut command = at(&server);
        command.env("AZURE_CLIENT_ID", world::APP);
        let given = ["--oidc-authority", issuer, "--client-secret-file", &secret];
        ask(command, "client-secret", &[&given[..], more].concat())
    };
    let ended = by(&issuer, &[]);
    is_app(&ended, "client-secret", world::APP_OBJECT);
    let metadata = format!("{issuer}/.well-known/openid-configuration");
    assert_eq!(ended.stderr.matches(&metadata).count(), 1, "{ended:?}");
    // Nothing is sent to one that is none, and the authority is named once.
    let ended = by(&format!("{}/nobody.example", address(&server)), &[]);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (5, Some("malformed")), "{ended:?}");
    assert!(!ended.stderr.contains("POST"), "{ended:?}");
    assert_eq!(by(&issuer, &["--authority", "public"]).code, 2);
    is_usage(&by("http://op.example", &[]), "https");
}

#[test]
fn a_certificate_in_every_form() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let pfx = files.put("client.pfx", world::CERTIFICATE_PFX);
    let pfx_password = files.put("pfx-password", format!("{}\n", world::CERTIFICATE_PFX_PASSWORD));
    // The key encrypted by OpenSSL, and the certificate as it is.
    let password = files.put("password", "pass phrase of the key");
    files.openssl(words("pkcs8 -topk8 -in client.pem -out key.pem -passout file:password"));
    files.openssl(words("x509 -in client.pem -out certificate.pem"));
    let read = |name: &str| std::fs::read_to_string(files.path(name)).unwrap();
    assert!(read("key.pem").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let encrypted = files.put("encrypted.pem", read("certificate.pem") + &read("key.pem"));
    files.openssl(words("pkcs12 -export -in client.pem -out empty.pfx -passout pass:"));
    let empty = files.path("empty.pfx");
    for more in [
        &["--certificate", &pem][..],
        &["--certificate", &pfx, "--certificate-password-file", &pfx_password],
        &["--certificate", &encrypted, "--certificate-password-file", &password],
        &["--certificate", &empty],
        &["--certificate", &pem, "--send-certificate-chain"],
    ] {
        let ended = ask(app(&server, world::CERTIFICATE_APP), "client-certificate", more);
        is_app(&ended, "client-certificate", world::CERTIFICATE_APP_OBJECT);
    }
    // By variables, the password too, and a password by standard input.
    let mut command = app(&server, world::CERTIFICATE_APP);
    command
        .env("AZURE_CLIENT_CERTIFICATE_PATH", &pfx)
        .env("AZURE_CLIENT_CERTIFICATE_PASSWORD", world::CERTIFICATE_PFX_PASSWORD);
    is_app(&ask(command, "client-certificate", &[]), "client-certificate", world::CERTIFICATE_APP_OBJECT);
    let from_input = ["token", "--resource", "https://management.azure.com", "--certificate", &pfx];
    let from_input = from_input.into_iter().chain(words("--certificate-password-file - --credential"));
    let ended = run_with_input(
        app(&server, world::CERTIFICATE_APP),
        from_input.chain(["client-certificate"]),
        &format!("{}\n", world::CERTIFICATE_PFX_PASSWORD),
    );
    is_app(&ended, "client-certificate", world::CERTIFICATE_APP_OBJECT);
}

#[test]
fn a_certificate_that_is_no_good() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let pfx = files.put("client.pfx", world::CERTIFICATE_PFX);
    let wrong = files.put("wrong", "canary-of-a-wrong-password");
    files.openssl(words(
        "req -x509 -newkey rsa:2048 -nodes -keyout s.key -out s.crt -days 2 -subj /CN=stranger",
    ));
    files.openssl(words("pkey -in client.pem -out only.key"));
    files.openssl(words("x509 -in client.pem -out only.crt"));
    let stranger = {
        let read = |name: &str| std::fs::read_to_string(files.path(name)).unwrap();
        files.put("stranger.pem", read("s.crt") + &read("s.key"))
    };
    let by = |more: &[&str]| ask(app(&server, world::CERTIFICATE_APP), "client-certificate", more);
    refused(&by(&["--certificate", &stranger]), 1, "refused", &[700_027], "certificate");
    let app_of_others = ask(app(&server, world::APP), "client-certificate", &["--certificate", &pem]);
    refused(&app_of_others, 1, "refused", &[700_027], "certificate");
    let password = ["--certificate", &pfx, "--certificate-password-file", &wrong];
    let ended = by(&password);
    refused(&ended, 2, "configuration", &[], "password");
    ended.keeps(["canary-of-a-wrong-password"]);
    refused(&by(&["--certificate", &pfx]), 2, "configuration", &[], "password");
    let (key, certificate) = (files.path("only.key"), files.path("only.crt"));
    for path in ["/no/such/file", &key, &certificate, &wrong] {
        is_usage(&by(&["--certificate", path]), path);
    }
    is_usage(&by(&[]), "AZURE_CLIENT_CERTIFICATE_PATH");
    is_usage(&by(&["--certificate", "-"]), "--certificate");
    // Somebody else's subject is no matter of the certificate's strength: the chain has to come along.
    let renewed = files.put("renewed.pem", world::RENEWED_CERTIFICATE_PEM);
    let alone =
        ask(app(&server, world::SUBJECT_NAME_APP), "client-certificate", &["--certificate", &renewed]);
    refused(&alone, 1, "refused", &[700_027], "certificate");
}

#[test]
fn a_renewed_certificate_and_its_chain() {
    let (server, files) = (emulator(Config::default()), Files::new());
    let renewed = files.put("renewed.pem", world::RENEWED_CERTIFICATE_PEM);
    let chain = ["--certificate", &renewed, "--send-certificate-chain"];
    let ended = ask(app(&server, world::SUBJECT_NAME_APP), "client-certificate", &chain);
    is_app(&ended, "client-certificate", world::SUBJECT_NAME_APP_OBJECT);
    for said in ["1", "true", "TRUE"] {
        let mut command = app(&server, world::SUBJECT_NAME_APP);
        command.env("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", said);
        let ended = ask(command, "client-certificate", &["--certificate", &renewed]);
        is_app(&ended, "client-certificate", world::SUBJECT_NAME_APP_OBJECT);
    }
    // The file is what it is now, not what it was once.
    let path = files.put("current.pem", world::RENEWED_CERTIFICATE_PEM);
    let by = || ask(app(&server, world::CERTIFICATE_APP), "client-certificate", &["--certificate", &path]);
    assert_eq!(by().code, 1);
    files.put("current.pem", world::CERTIFICATE_PEM);
    is_app(&by(), "client-certificate", world::CERTIFICATE_APP_OBJECT);
}

#[test]
fn an_api_on_behalf_of_its_caller() {
    let (mut config, files) = (Config::default(), Files::new());
    let of = |config: &Config, id: &str| config.apps.iter().position(|app| app.client_id == id).unwrap();
    let (api, federated) = (of(&config, world::API), of(&config, world::FEDERATED_APP));
    config.apps[api].federated_credentials = config.apps[federated].federated_credentials.clone();
    let server = emulator(config);
    let password = files.put("password", world::PASSWORD);
    let signed_in = |scope: &str| {
        let user = ["token", "--credential", "username-password", "--username", world::USER, "-o", "raw"];
        let ended =
            run(at(&server), user.into_iter().chain(["--password-file", &password, "--scope", scope]));
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.stdout
    };
    let caller = files.put("caller", signed_in(world::API_SCOPE));
    let secret = files.put("secret", world::API_SECRET);
    let pem = files.put("client.pem", world::CERTIFICATE_PEM);
    let by = |more: &[&str]| {
        let caller = ["--user-assertion-file", &caller];
        ask(app(&server, world::API), "on-behalf-of", &[&caller[..], more].concat())
    };
    let federated = files.put("federated", self::federated(&server, world::CLUSTER_SUBJECT));
    for proof in
        [["--client-secret-file", &secret], ["--certificate", &pem], ["--assertion-file", &federated]]
    {
        let token = by(&proof);
        is_app(&token, "on-behalf-of", world::USER_OBJECT);
        assert_eq!(token.json()["identity"]["username"], world::USER);
    }
    let identity = format!("client-id:{}", world::USER_IDENTITY);
    let managed = ["--assertion-from", "managed-identity", "--identity", &identity];
    is_app(&by(&managed), "on-behalf-of", world::USER_OBJECT);
    // An option comes before a variable of another kind, and two proofs are one too many.
    let mut command = app(&server, world::API);
    command.env("AZURE_CLIENT_CERTIFICATE_PATH", "/no/such/file");
    let options = ["--user-assertion-file", &caller, "--client-secret-file", &secret];
    is_app(&ask(command, "on-behalf-of", &options), "on-behalf-of", world::USER_OBJECT);
    is_usage(&by(&["--client-secret-file", &secret, "--certificate", &pem]), "one way");
    is_usage(&by(&["--assertion-file", &federated, "--certificate", &pem]), "one way");

    // Whose token it is, and for whom.
    let management = files.put("management", signed_in(world::MANAGEMENT_SCOPE));
    let with = |file: &str| {
        let options = ["--user-assertion-file", file, "--client-secret-file", &secret];
        ask(app(&server, world::API), "on-behalf-of", &options)
    };
    refused(&with(&management), 1, "refused", &[50_013], "");
    is_usage(&with(&files.put("bearer", "Bearer x")), "without the word Bearer");
    is_usage(&with(&files.put("none", "")), "empty");
    is_usage(&by(&[]), "has to prove itself");
    let nobody = ask(app(&server, world::API), "on-behalf-of", &["--client-secret-file", &secret]);
    is_usage(&nobody, "--user-assertion-file");
    is_usage(
        &ask(
            app(&server, world::API),
            "on-behalf-of",
            &["--user-assertion-file", "-", "--client-secret-file", "-"],
        ),
        "--client-secret-file and --user-assertion-file",
    );
}

#[test]
fn an_api_is_told_what_its_caller_has_to_do() {
    use entrada_emulator::config::Demand;
    let (mut config, files) = (Config::default(), Files::new());
    config.policy.demands.push(Demand {
        scope: "https://management.azure.com".into(),
        acrs: Some("c1".into()),
        ..Demand::default()
    });
    let server = emulator(config);
    let password = files.put("password", world::PASSWORD);
    let user = ["token", "--credential", "username-password", "--username", world::USER, "-o", "raw"];
    let scope = ["--password-file", &password, "--scope", world::API_SCOPE];
    let caller = files.put("caller", run(at(&server), user.into_iter().chain(scope)).stdout);
    let mut command = app(&server, world::API);
    command.env("AZURE_CLIENT_SECRET", world::API_SECRET);
    let ended = ask(command, "on-behalf-of", &["--user-assertion-file", &caller]);
    assert_eq!((ended.code, ended.error()["error"].as_str()), (4, Some("interaction-required")), "{ended:?}");
    // Nobody who runs the command can sign in for whom the app speaks: the demand is for the app that called.
    let error = ended.error();
    let demanded = entrada_core::claims::Claims::from_json(error["claims"].as_str().unwrap()).unwrap();
    let header = format!("error=\"insufficient_claims\", claims=\"{}\"", demanded.to_base64());
    let remedy = error["remedy"].as_str().unwrap();
    assert!(remedy.contains("401") && !remedy.contains(&demanded.to_base64()), "{remedy}");
    let mut command = app(&server, world::API);
    command.env("AZURE_CLIENT_SECRET", world::API_SECRET);
    let fixed = ["token", "--scope", world::MANAGEMENT_SCOPE, "--credential", "on-behalf-of"];
    let text = run(command, fixed.into_iter().chain(["--user-assertion-file", &caller])).stderr;
    assert!(text.contains(&header) && !text.contains("entrada login"), "{text}");
}
