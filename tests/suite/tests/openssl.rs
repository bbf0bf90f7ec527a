//! Assertions as OpenSSL sees them: made with a certificate in a file, under both drivers, and by a signer
//! in another process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entrada_core::effect::{
    HttpFailure, HttpRequest, HttpResponse, SignAction, SignFailure, SignatureAlgorithm, Signed,
    SigningCertificate, SigningKey,
};
use entrada_core::flow::Credential;
use entrada_core::{
    Authority, ClientCertificate, ClientCertificateCredential, EntraClient, PlainHttp, TokenRequest,
};
use entrada_host::keys::NewCertificate;
use entrada_tests::scratch::Scratch;
use serde_json::Value;

fn openssl(folder: &Path, arguments: &str) -> Vec<u8> {
    let output = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output();
    let output = output.expect("openssl is on PATH");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A folder with `cert.pem`, `public.pem`, and `both.pem`, which has the key too and is made by this.
fn workshop_of(make: impl FnOnce(&Path)) -> (Scratch, PathBuf) {
    let scratch = Scratch::new();
    let folder = scratch.path().to_owned();
    make(&folder);
    openssl(&folder, "x509 -in both.pem -out cert.pem");
    openssl(&folder, "x509 -in cert.pem -pubkey -noout -out public.pem");
    openssl(&folder, "x509 -in cert.pem -outform DER -out cert.der");
    (scratch, folder)
}

/// The same with `key.pem`, made by OpenSSL.
fn workshop() -> (Scratch, PathBuf) {
    workshop_of(|folder| {
        openssl(
            folder,
            "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out both.pem -days 2 -subj /CN=entrada",
        );
        let [key, certificate] =
            ["key.pem", "both.pem"].map(|name| std::fs::read(folder.join(name)).unwrap());
        std::fs::write(folder.join("both.pem"), [key, certificate].concat()).unwrap();
    })
}

/// The assertions that were sent.
type Seen = Arc<Mutex<Vec<String>>>;

fn noting(seen: &Seen, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
    let form = url::form_urlencoded::parse(request.body().expose()).into_owned();
    let assertion = form.into_iter().find(|(name, _)| name == "client_assertion").expect("an assertion").1;
    seen.lock().unwrap().push(assertion);
    let body = br#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#;
    Ok(http::Response::new(body.to_vec().into()))
}

fn credential(certificate: ClientCertificate, address: &str) -> ClientCertificateCredential {
    let authority = Authority::new(address, PlainHttp::Refused).unwrap();
    let app = EntraClient::new("contoso.com", "client-id").unwrap().with_authority(authority);
    ClientCertificateCredential::of(app, certificate)
}

fn request() -> TokenRequest {
    TokenRequest::new(["https://management.azure.com/.default"]).unwrap()
}

fn part(assertion: &str, at: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(at).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// What OpenSSL says of the signature.
fn verified(folder: &Path, assertion: &str, padding: &str) -> String {
    let (input, signature) = assertion.rsplit_once('.').unwrap();
    std::fs::write(folder.join("input"), input).unwrap();
    std::fs::write(folder.join("signature"), URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let told =
        openssl(folder, &format!("dgst -sha256{padding} -verify public.pem -signature signature input"));
    String::from_utf8(told).unwrap().trim().to_owned()
}

const PSS: &str = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32";

/// A fingerprint as OpenSSL prints it, as bytes in base64url.
fn fingerprint(folder: &Path, digest: &str) -> String {
    let told = openssl(folder, &format!("x509 -in cert.pem -noout -fingerprint -{digest}"));
    let text = String::from_utf8(told).unwrap();
    let hex: Vec<u8> = text
        .trim()
        .rsplit_once('=')
        .unwrap()
        .1
        .split(':')
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect();
    URL_SAFE_NO_PAD.encode(hex)
}

#[test]
fn assertions_verify_under_both_drivers() {
    verify_under_both_drivers(workshop());
}

#[test]
fn what_is_made_here_is_sound_and_signs_in() {
    let made = NewCertificate::make("entrada", 2).unwrap();
    let (scratch, folder) = workshop_of(|folder| {
        std::fs::write(folder.join("both.pem"), made.pem().expose()).unwrap();
    });
    assert_eq!(std::fs::read(folder.join("cert.der")).unwrap(), made.der());
    let said = |arguments: &str| String::from_utf8(openssl(&folder, arguments)).unwrap();
    assert!(said("pkey -in both.pem -check -noout").contains("Key is valid"));
    assert!(said("verify -CAfile cert.pem cert.pem").contains("OK"));
    let text = said("x509 -in cert.pem -noout -text");
    for part in [
        "Version: 3",
        "sha256WithRSAEncryption",
        "Public-Key: (3072 bit)",
        "Exponent: 65537",
        "CA:FALSE",
        "Digital Signature",
        "TLS Web Client Authentication",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    verify_under_both_drivers((scratch, folder));
}

fn verify_under_both_drivers((_scratch, folder): (Scratch, PathBuf)) {
    let certificate = || ClientCertificate::file(folder.join("both.pem")).sending_chain();
    let entra = credential(certificate(), "https://login.microsoftonline.com");
    let adfs = credential(certificate(), "https://sts.example/adfs");
    let seen = Seen::default();

    let note = seen.clone();
    let http = move |request: HttpRequest, _, _: entrada_blocking::Limits| noting(&note, &request);
    let blocking = entrada_blocking::Driver::builder().http(http).build().unwrap();
    blocking.run(entra.begin(&request())).unwrap();
    blocking.run(adfs.begin(&request())).unwrap();

    let note = seen.clone();
    let http =
        move |request: HttpRequest, _, _: entrada_tokio::Limits| std::future::ready(noting(&note, &request));
    let tokio = entrada_tokio::Driver::builder().http(http).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(tokio.run(entra.begin(&request()))).unwrap();
    runtime.block_on(tokio.run(adfs.begin(&request()))).unwrap();

    let der = STANDARD.encode(std::fs::read(folder.join("cert.der")).unwrap());
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[0], seen[2], "Entra allows an assertion to serve again");
    assert_ne!(seen[1], seen[3], "AD FS gets another one");
    for assertion in [&seen[0], &seen[2]] {
        assert_eq!(verified(&folder, assertion, PSS), "Verified OK");
        let header = part(assertion, 0);
        assert_eq!(header["alg"], "PS256");
        assert_eq!(header["x5t#S256"], fingerprint(&folder, "sha256"));
        assert_eq!(header["x5c"], Value::from(vec![der.clone()]));
        let claims = part(assertion, 1);
        assert_eq!(claims["aud"], "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
        assert_eq!((&claims["iss"], &claims["sub"]), (&"client-id".into(), &"client-id".into()));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 600);
    }
    for assertion in [&seen[1], &seen[3]] {
        assert_eq!(verified(&folder, assertion, ""), "Verified OK");
        let header = part(assertion, 0);
        assert_eq!((&header["alg"], &header["x5t"]), (&"RS256".into(), &fingerprint(&folder, "sha1").into()));
        assert_eq!(part(assertion, 1)["aud"], "https://sts.example/adfs/oauth2/token");
    }
}

/// As with an HSM or Key Vault: the key is in nobody's hands here but OpenSSL's, in a process of its own.
#[test]
fn a_signer_in_another_process() {
    let (_scratch, folder) = workshop();
    std::fs::remove_file(folder.join("both.pem")).unwrap();
    let shop = folder.clone();
    let signer = move |key: &SigningKey, action: &SignAction| -> Result<Signed, SignFailure> {
        match (key, action) {
            (SigningKey::Named(name), _) if name != "hsm-key" => Err(SignFailure::UnknownKey),
            (_, SignAction::Certificate) => {
                let der = std::fs::read(shop.join("cert.der")).map_err(|_| SignFailure::Refused)?;
                Ok(Signed::Certificate(SigningCertificate::new(der, [])))
            }
            (_, SignAction::Sign { algorithm: SignatureAlgorithm::Ps256, message, .. }) => {
                std::fs::write(shop.join("message"), message.expose()).map_err(|_| SignFailure::Refused)?;
                openssl(&shop, &format!("dgst -sha256{PSS} -sign key.pem -out made message"));
                let made = std::fs::read(shop.join("made")).map_err(|_| SignFailure::Refused)?;
                Ok(Signed::Signature(made.into()))
            }
            _ => Err(SignFailure::WrongAlgorithm),
        }
    };
    let seen = Seen::default();
    let note = seen.clone();
    let http = move |request: HttpRequest, _, _: entrada_blocking::Limits| noting(&note, &request);
    let driver = entrada_blocking::Driver::builder().http(http).signer(signer).build().unwrap();
    let named = |name: &str| ClientCertificate::new(SigningKey::Named(name.into()));
    let entra = credential(named("hsm-key"), "https://login.microsoftonline.com");
    driver.run(entra.begin(&request())).unwrap();
    assert_eq!(verified(&folder, &seen.lock().unwrap()[0], PSS), "Verified OK");
    let unknown = credential(named("other"), "https://login.microsoftonline.com");
    assert!(driver.run(unknown.begin(&request())).unwrap_err().message().contains("no such key"));
    let adfs = credential(named("hsm-key"), "https://sts.example/adfs");
    assert!(driver.run(adfs.begin(&request())).is_err(), "it does not tell its SHA-1 fingerprint");
}
