//! PKCS#12 files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entrada_core::effect::SignatureAlgorithm::Ps256;
use proptest::prelude::*;

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

/// The outer levels with open lengths, and octet strings there in pieces.
fn opened(der: &[u8], levels: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = der;
    while !rest.is_empty() {
        let (start, length) = match rest[1] {
            short @ 0..0x80 => (2, usize::from(short)),
            long => {
                let digits = &rest[2..2 + usize::from(long & 0x7f)];
                (2 + digits.len(), digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)))
            }
        };
        let (element, after) = rest.split_at(start + length);
        let content = &element[start..];
        match element[0] {
            4 if length > 1000 => {
                out.extend([0x24, 0x80]);
                for piece in content.chunks(100) {
                    out.extend([4, u8::try_from(piece.len()).unwrap()]);
                    out.extend(piece);
                }
                out.extend([0, 0]);
            }
            tag if tag & 0x20 != 0 && levels > 0 => {
                out.extend([tag, 0x80]);
                out.extend(opened(content, levels - 1));
                out.extend([0, 0]);
            }
            _ => out.extend(element),
        }
        rest = after;
    }
    out
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
