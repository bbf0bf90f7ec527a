//! Files that do not load, and what is said about them.

use entrada_host::keys::{CertificateFile, CertificateSource};

use crate::workshop::{Workshop, load, refused};

#[test]
fn what_is_missing_or_too_much() {
    let shop = Workshop::new();
    shop.certificate("one", 2048);
    shop.certificate("two", 2048);
    refused(load(b""), "is empty");
    refused(load(b"\r\n"), "is empty");
    refused(load(b"hello"), "is neither PEM nor PKCS#12");
    refused(load([0x30, 3, 2, 1, 1]), "is neither PEM nor PKCS#12");
    refused(load(shop.read("one.key")), "has no certificate");
    refused(load(shop.openssl("rsa -in one.key -pubout")), "has no certificate");
    refused(load(shop.read("one.crt")), "has no private key");
    refused(load(shop.der("one")), "has no private key");
    refused(load(shop.together(&["one.crt", "one.key", "two.key"])), "has several private keys");
    refused(load(shop.together(&["one.crt", "two.key"])), "belongs to none of its certificates");
}

#[test]
fn keys_that_are_not_rsa_or_not_fit() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    shop.openssl("ecparam -genkey -name prime256v1 -out sec1.key");
    shop.openssl("pkcs8 -topk8 -nocrypt -in sec1.key -out ec.key");
    shop.openssl("req -x509 -key ec.key -out ec.crt -subj /CN=ec -days 2");
    shop.openssl("genpkey -algorithm ed25519 -out ed25519.key");
    shop.openssl("genpkey -algorithm ed448 -out ed448.key");
    shop.openssl("genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 -out pss.key");
    shop.openssl("dsaparam -out dsa.par 1024");
    shop.openssl("gendsa -out dsa.key dsa.par");
    shop.write("ssh.key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
    for (key, kind) in [
        ("sec1.key", "elliptic curve"),
        ("ec.key", "elliptic curve"),
        ("ed25519.key", "Ed25519"),
        ("ed448.key", "Ed448"),
        ("pss.key", "RSASSA-PSS"),
        ("dsa.key", "DSA"),
        ("ssh.key", "OpenSSH"),
    ] {
        for certificate in ["leaf.crt", "ec.crt"] {
            let result = load(shop.together(&[key, certificate]));
            refused(result.clone(), "not RSA");
            refused(result, kind);
        }
    }
    shop.certificate("short", 1024);
    refused(load(shop.together(&["short.key", "short.crt"])), "RSA key of 1024 bits");
}

#[test]
fn encryption_that_is_not_read() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    shop.openssl("rsa -in leaf.key -traditional -aes256 -passout pass:x -out old.key");
    let result = load(shop.together(&["leaf.crt", "old.key"]));
    refused(result.clone(), "DEK-Info");
    assert!(result.unwrap_err().remedy().unwrap().contains("openssl pkcs8 -topk8"));
    #[cfg(feature = "encrypted-keys")]
    {
        shop.openssl("pkcs8 -topk8 -in leaf.key -v2 aria-256-cbc -passout pass:x -out aria.key");
        let result = crate::workshop::load_with(shop.together(&["leaf.crt", "aria.key"]), "x");
        refused(result, "the cipher 1.2.410.200046.1.1.12");
    }
}

#[test]
fn damage() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    let whole = shop.together(&["leaf.key", "leaf.crt"]);
    for length in (100..whole.len() - 30).step_by(97) {
        let result = load(&whole[..length]);
        let error = result.clone().expect_err("it was cut");
        assert!(
            error.message().contains("cut short") || error.message().contains("no certificate"),
            "{error}"
        );
        refused(result, "has ");
    }
    let broken = |label| format!("-----BEGIN {label}-----\nMAMCAQA=\n-----END {label}-----\n").into_bytes();
    let key = shop.read("leaf.key");
    refused(load([broken("CERTIFICATE"), key].concat()), "has a certificate that cannot be read");
    let certificate = shop.read("leaf.crt");
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY"] {
        refused(load([broken(label), certificate.clone()].concat()), "has a private key that cannot be read");
    }
}

#[cfg(not(feature = "encrypted-keys"))]
#[test]
fn what_was_not_compiled_in() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    shop.openssl("pkcs8 -topk8 -in leaf.key -passout pass:x -out locked.key");
    shop.openssl("pkcs12 -export -in leaf.crt -inkey leaf.key -passout pass:x -out leaf.pfx");
    refused(load(shop.together(&["leaf.crt", "locked.key"])), "support for that was not compiled in");
    refused(load(shop.read("leaf.pfx")), "is a PKCS#12 file, and the support for that was not compiled in");
}

#[test]
fn errors_name_the_file_and_nothing_shows_the_key() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    let nowhere = CertificateFile::new("/nowhere/at/all.pem", None).load().unwrap_err();
    assert!(
        nowhere.message().contains("the certificate file /nowhere/at/all.pem cannot be read"),
        "{nowhere}"
    );
    let folder = CertificateFile::new(shop.path("."), None).load().unwrap_err();
    assert!(folder.message().contains("it is a folder"), "{folder}");

    let bytes = shop.together(&["leaf.key", "leaf.crt"]);
    let source = CertificateSource::from_bytes(bytes.clone(), Some("canary".into()));
    let loaded = source.load().unwrap();
    assert_eq!(format!("{source:?}"), format!("CertificateSource({} bytes)", bytes.len()));
    let shown = format!("{loaded:?}");
    assert!(shown.starts_with("LoadedCertificate(sha256 ") && shown.len() < 120, "{shown}");
    let file = CertificateFile::new("a.pem", Some("canary".into()));
    assert_eq!(format!("{file:?}"), "CertificateFile { path: \"a.pem\", .. }");
}
