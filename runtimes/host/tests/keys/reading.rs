//! PEM files that load.

use crate::workshop::{Workshop, load, load_with};

#[test]
fn both_forms_of_a_key_and_all_lengths() {
    let shop = Workshop::new();
    for bits in [2048, 3072, 4096] {
        shop.certificate("leaf", bits);
        shop.openssl("rsa -in leaf.key -traditional -out pkcs1.key");
        assert!(shop.read("pkcs1.key").starts_with(b"-----BEGIN RSA PRIVATE KEY-----"));
        for key in ["leaf.key", "pkcs1.key"] {
            let loaded = load(shop.together(&[key, "leaf.crt"])).unwrap();
            assert_eq!(loaded.sha256().to_vec(), shop.sha256("leaf"), "{bits} {key}");
            assert_eq!(loaded.sha1().to_vec(), shop.thumbprint("leaf", "sha1"));
            assert_eq!(loaded.chain_der(), [shop.der("leaf")]);
        }
    }
}

#[test]
fn chains_in_every_order() {
    let shop = Workshop::new();
    shop.certificate("root", 2048);
    shop.issued("middle", "root");
    shop.issued("leaf", "middle");
    shop.certificate("stranger", 2048);
    let chain = ["leaf", "middle", "root"].map(|name| shop.der(name));
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let names = order.map(|index| ["leaf.crt", "middle.crt", "root.crt"][index]);
        for key_at in 0..=3 {
            let mut names = names.to_vec();
            names.insert(key_at, "leaf.key");
            assert_eq!(load(shop.together(&names)).unwrap().chain_der(), chain, "{names:?}");
        }
    }
    let loaded =
        load(shop.together(&["stranger.crt", "root.crt", "leaf.crt", "leaf.key", "leaf.crt"])).unwrap();
    let order = ["leaf", "stranger", "root"].map(|name| shop.der(name));
    assert_eq!(loaded.chain_der(), order, "the link is missing, the rest stays as it was");
}

#[test]
fn whatever_editors_and_tools_do_to_a_file() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    let plain = String::from_utf8(shop.together(&["leaf.key", "leaf.crt"])).unwrap();
    let explained = shop.text("x509 -in leaf.crt -text") + &String::from_utf8(shop.read("leaf.key")).unwrap();
    assert!(explained.contains("Modulus:"));
    let sixteen = plain.replace('\n', "\r\n");
    let sixteen = "\u{feff}".encode_utf16().chain(sixteen.encode_utf16()).flat_map(u16::to_le_bytes);
    for (what, bytes) in [
        ("explained", explained.into_bytes()),
        ("windows", plain.replace('\n', "\r\n").into_bytes()),
        ("old mac", plain.replace('\n', "\r").into_bytes()),
        ("byte order mark", format!("\u{feff}{plain}").into_bytes()),
        ("blank lines", plain.replace('\n', "\n\n").into_bytes()),
        ("indented", plain.replace('\n', "\n    ").into_bytes()),
        ("one line", plain.replace('\n', " ").into_bytes()),
        ("escaped", plain.replace('\n', "\\n").into_bytes()),
        ("sixteen bits", sixteen.collect()),
        (
            "bag attributes",
            format!("Bag Attributes\n    localKeyID: 01 02\nsubject=CN = x\n{plain}").into_bytes(),
        ),
    ] {
        let loaded = load(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(loaded.sha256().to_vec(), shop.sha256("leaf"), "{what}");
    }
}

#[test]
fn a_password_that_nothing_needs_does_no_harm() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    load_with(shop.together(&["leaf.key", "leaf.crt"]), "unneeded").unwrap();
}

#[cfg(feature = "encrypted-keys")]
#[test]
fn keys_with_a_password() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    let mut ways = vec![
        "-v2 aes-256-cbc -v2prf hmacWithSHA256",
        "-v2 aes-192-cbc -v2prf hmacWithSHA512",
        "-v2 aes-128-cbc -v2prf hmacWithSHA384 -iter 10000",
        "-v2 aes-256-cbc -v2prf hmacWithSHA1",
        "-v2 aes-256-cbc -v2prf hmacWithSHA224",
        "-v2 des3 -v2prf hmacWithSHA1",
        "-scrypt",
    ];
    if cfg!(feature = "pkcs12") {
        ways.extend(["-v1 PBE-SHA1-3DES", "-v1 PBE-SHA1-2DES"]);
    }
    for way in ways {
        for password in ["pass word", "pässwörd€"] {
            shop.write("password", password);
            shop.openssl(&format!("pkcs8 -topk8 -in leaf.key -passout file:password {way} -out locked.key"));
            let file = shop.together(&["leaf.crt", "locked.key"]);
            assert!(String::from_utf8_lossy(&file).contains("BEGIN ENCRYPTED PRIVATE KEY"));
            // OpenSSL takes a password for Latin-1 in the old algorithms; nobody agrees on those.
            if way.starts_with("-v1") && !password.is_ascii() {
                continue;
            }
            let loaded = load_with(&file, password).unwrap_or_else(|error| panic!("{way}: {error}"));
            assert_eq!(loaded.sha256().to_vec(), shop.sha256("leaf"), "{way}");
            crate::workshop::refused(load_with(&file, "wrong"), "cannot be decrypted with the password");
            crate::workshop::refused(load(&file), "is encrypted, and no password was given");
        }
    }
}

#[test]
fn an_expired_certificate_loads_and_tells() {
    let shop = Workshop::new();
    shop.certificate("leaf", 2048);
    shop.openssl("req -new -key leaf.key -subj /CN=leaf -out leaf.csr");
    shop.write("index", "");
    shop.write("serial", "01");
    shop.write(
        "ca.cnf",
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n\
         policy=p\nunique_subject=no\n[p]\ncommonName=supplied\n",
    );
    for (end, seconds) in [("20020304050607Z", 1_015_218_367), ("99991231235959Z", 253_402_300_799)] {
        shop.openssl(&format!(
            "ca -config ca.cnf -selfsign -keyfile leaf.key -in leaf.csr -batch -notext \
             -startdate 20010101000000Z -enddate {end} -out dated.crt"
        ));
        let loaded = load(shop.together(&["dated.crt", "leaf.key"])).unwrap();
        assert_eq!(loaded.not_after().0, seconds);
        assert_eq!(loaded.sha256().to_vec(), shop.sha256("dated"));
    }
}
