//! PKCS#12 files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entrada_core::effect::SignatureAlgorithm::Ps256;
use proptest::prelude::*;

use crate::asn1::{element, elements, opened};
use crate::workshop::{Workshop, load, load_with, refused};

/// The ways in which OpenSSL encrypts and authenticates such files.
const WAYS: [&str; 9] = [
    "",
    "-legacy",
    "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
    "-legacy -keypbe PBE-SHA1-RC2-128 -certpbe PBE-SHA1-2DES -macalg sha512",
    "-keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha384",
    "-certpbe NONE",
    "-keypbe NONE -certpbe NONE -macalg sha224",
    "-nomac",
    "-iter 100000 -maciter",
];

fn shop() -> Workshop {
    let shop = Workshop::new();
    shop.certificate("root", 2048);
    shop.issued("middle", "root");
    shop.issued("leaf", "middle");
    shop.write("issuers.crt", shop.together(&["root.crt", "middle.crt"]));
    shop
}

fn export(shop: &Workshop, way: &str, password: &str) -> Vec<u8> {
    shop.write("password", format!("{password}\n"));
    let way = if way.is_empty() { String::new() } else { format!(" {way}") };
    shop.openssl(&format!(
        "pkcs12 -export -in leaf.crt -inkey leaf.key -certfile issuers.crt -passout file:password{way}"
    ))
}

#[test]
fn every_way_and_every_password() {
    let shop = shop();
    let chain = ["leaf", "middle", "root"].map(|name| shop.der(name));
    for way in WAYS {
        for password in ["", "secret", "pässwörd€"] {
            let file = export(&shop, way, password);
            let loaded =
                load_with(&file, password).unwrap_or_else(|error| panic!("{way} {password}: {error}"));
            assert_eq!(loaded.chain_der(), chain, "{way}");
            loaded.sign(Ps256, b"message").unwrap();
            if password.is_empty() {
                assert_eq!(load(&file).unwrap().sha256(), loaded.sha256(), "no password is the empty one");
            } else {
                refused(load_with(&file, "wrong"), "cannot be decrypted with the password that was given");
                refused(load(&file), "is encrypted, and no password was given");
            }
        }
    }
}

#[test]
fn nothing_to_decrypt_needs_no_password() {
    let shop = shop();
    let file = export(&shop, "-keypbe NONE -certpbe NONE -nomac", "secret");
    load(file).unwrap();
}

#[test]
fn the_base64_that_key_vault_hands_out() {
    let shop = shop();
    let file = export(&shop, "", "");
    load(STANDARD.encode(&file)).unwrap();
    load(format!("\n{}\r\n", STANDARD.encode(&file))).unwrap();
}

#[test]
fn what_is_missing_or_too_much() {
    let shop = shop();
    let key = shop.openssl("pkcs12 -export -nocerts -inkey leaf.key -passout pass:x");
    refused(load_with(key, "x"), "has no certificate");
    let certificates = shop.openssl("pkcs12 -export -nokeys -in leaf.crt -passout pass:x");
    refused(load_with(certificates, "x"), "has no private key");
    shop.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key");
    shop.openssl("req -x509 -key ec.key -out ec.crt -subj /CN=ec -days 2");
    let curve = shop.openssl("pkcs12 -export -in ec.crt -inkey ec.key -passout pass:x");
    refused(load_with(curve, "x"), "not RSA but elliptic curve");
    let old = shop.openssl(
        "pkcs12 -export -in leaf.crt -inkey leaf.key -passout pass:x -legacy -keypbe PBE-SHA1-RC4-128",
    );
    refused(load_with(old, "x"), "uses the encryption 1.2.840.113549.1.12.1.1");
}

#[test]
fn changed_or_cut_files_are_refused() {
    let shop = shop();
    let file = export(&shop, "-certpbe NONE", "x");
    for length in (5..file.len()).step_by(211) {
        refused(load_with(&file[..length], "x"), "PKCS#12");
    }
    let mut changed = file.clone();
    let place = changed.windows(4).position(|window| window == b"leaf").unwrap();
    changed[place] = b'L';
    refused(load_with(changed, "x"), "cannot be decrypted with the password that was given");
}

/// As Apple's and Java's older writers have it: open lengths, strings in pieces.
#[test]
fn ber() {
    let shop = shop();
    for way in ["", "-legacy"] {
        let file = export(&shop, way, "x");
        let open = opened(&file, 3);
        assert_ne!(file, open);
        assert_eq!(load_with(&open, "x").unwrap().chain_der().len(), 3, "{way}");
    }
}

/// What OpenSSL 3.0 does not write, with every key and digest computed by it all the same.
fn with_mac(shop: &Workshop, kdf: &str, digest: &str, algorithm: &[u8], rounds: u8) -> Vec<u8> {
    let file = export(shop, "-keypbe NONE -certpbe NONE -nomac", "x");
    let pfx = elements(elements(&file)[0].1);
    let value = elements(pfx[1].1)[1].1;
    let safes = elements(value)[0].1;
    shop.write("safes", safes);
    let key = shop.text(&format!("kdf -kdfopt hexsalt:0102030405060708 -kdfopt iter:{rounds} {kdf}"));
    let key = key.trim().replace(':', "");
    let mac = shop.openssl(&format!("dgst -{digest} -mac HMAC -macopt hexkey:{key} -binary safes"));
    let digest_info = element(0x30, &[&element(0x30, &[algorithm]), &element(4, &[&mac])]);
    let data = element(0x30, &[&digest_info, &element(4, &[&[1, 2, 3, 4, 5, 6, 7, 8]]), &[2, 1, rounds]]);
    element(0x30, &[pfx[0].2, pfx[1].2, &data])
}

#[test]
fn an_empty_password_that_is_nothing_and_one_that_is_an_empty_text() {
    let shop = shop();
    let sha256 = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0];
    for password in ["", "0000"] {
        let kdf =
            format!("-keylen 32 -kdfopt digest:SHA256 -kdfopt id:3 -kdfopt hexpass:{password} PKCS12KDF");
        let file = with_mac(&shop, &kdf, "sha256", &sha256, 100);
        load(&file).unwrap();
        load_with(&file, "").unwrap();
        refused(load_with(&file, "x"), "cannot be decrypted with the password that was given");
    }
}

#[test]
fn pbmac1() {
    let shop = shop();
    let oid = |last| [6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, last, 5, 0];
    for (digest, last) in [("sha256", 9), ("sha512", 11)] {
        let kdf = format!("-keylen 32 -kdfopt digest:{digest} -kdfopt pass:secret PBKDF2");
        let function = element(0x30, &[&oid(last)]);
        let salt = element(4, &[&[1, 2, 3, 4, 5, 6, 7, 8]]);
        let derivation = element(0x30, &[&salt, &[2, 1, 100, 2, 1, 32], &function]);
        let pbkdf2 = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
        let parameters = element(0x30, &[&element(0x30, &[&pbkdf2, &derivation]), &function]);
        let pbmac1 = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 14];
        let file = with_mac(&shop, &kdf, digest, &[&pbmac1[..], &parameters].concat(), 100);
        load_with(&file, "secret").unwrap();
        refused(load_with(&file, "Secret"), "cannot be decrypted with the password that was given");
    }
}

#[test]
fn broken_anywhere_never_panics() {
    let shop = shop();
    let files =
        [export(&shop, "-certpbe NONE -keypbe NONE -nomac", "x"), export(&shop, "-iter 1 -nomac", "x")];
    proptest!(ProptestConfig::with_cases(400), |(
        which in 0usize..2,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    )| {
        let mut file = files[which].clone();
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        let _ = load_with(&file, "x");
    });
}
