//! Signatures that OpenSSL verifies.

use entrada_core::effect::SignatureAlgorithm::{Ps256, Rs256};
use entrada_host::keys::LoadedCertificate;

use crate::workshop::{Workshop, load};

#[test]
fn openssl_verifies_both_algorithms() {
    let shop = Workshop::new();
    shop.write("message", "header.claims");
    for bits in [2048, 3072, 4096] {
        shop.certificate("leaf", bits);
        let loaded = load(shop.together(&["leaf.crt", "leaf.key"])).unwrap();
        verified(&shop, &loaded);
    }
}

#[cfg(all(feature = "ring", feature = "aws-lc-rs"))]
#[test]
fn so_it_does_with_either_provider() {
    let shop = Workshop::new();
    shop.write("message", "header.claims");
    shop.certificate("leaf", 2048);
    shop.openssl("rsa -in leaf.key -traditional -out pkcs1.key");
    for provider in [rustls::crypto::ring::default_provider(), rustls::crypto::aws_lc_rs::default_provider()]
    {
        for key in ["leaf.key", "pkcs1.key"] {
            let bytes = shop.together(&["leaf.crt", key]);
            verified(&shop, &LoadedCertificate::with_provider(&bytes, None, &provider).unwrap());
        }
    }
}

fn verified(shop: &Workshop, loaded: &LoadedCertificate) {
    let verify = "-verify public.key -signature signature message";
    let message = shop.read("message");
    shop.openssl("x509 -in leaf.crt -noout -pubkey -out public.key");
    shop.write("signature", loaded.sign(Ps256, &message).unwrap());
    let pss = "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32";
    assert_eq!(shop.text(&format!("{pss} {verify}")), "Verified OK\n");
    shop.write("signature", loaded.sign(Rs256, &message).unwrap());
    assert_eq!(shop.text(&format!("dgst -sha256 {verify}")), "Verified OK\n");
}
