//! What holds for the PEM reader whatever it is given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entrada_host::keys::LoadedCertificate;
use entrada_host::keys::pem::{BlockKind, is_pem, read};
use proptest::prelude::*;

const LABELS: [(&str, BlockKind); 6] = [
    ("CERTIFICATE", BlockKind::Certificate),
    ("PRIVATE KEY", BlockKind::PrivateKey),
    ("RSA PRIVATE KEY", BlockKind::RsaPrivateKey),
    ("ENCRYPTED PRIVATE KEY", BlockKind::EncryptedPrivateKey),
    ("EC PRIVATE KEY", BlockKind::EcPrivateKey),
    ("OPENSSH PRIVATE KEY", BlockKind::OtherPrivateKey),
];

/// Pieces of PEM and other bytes in any order.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let scrap = prop_oneof![
        Just(b"-----BEGIN ".to_vec()),
        Just(b"-----END ".to_vec()),
        Just(b"CERTIFICATE".to_vec()),
        Just(b"PRIVATE KEY".to_vec()),
        Just(b"-----".to_vec()),
        Just(b"Proc-Type: 4,ENCRYPTED\n".to_vec()),
        Just(b"MIIBAQ==".to_vec()),
        Just(vec![0xff, 0xfe]),
        Just(b"\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(scrap, 0..24).prop_map(|scraps| scraps.concat())
}

proptest! {
    #[test]
    fn never_panics(bytes in scraps()) {
        let blocks = read(&bytes);
        if let Ok(blocks) = blocks && !blocks.is_empty() {
            prop_assert!(is_pem(&bytes));
        }
        let _ = LoadedCertificate::from_bytes(&bytes, Some(&"x".into()));
    }

    #[test]
    fn what_is_written_is_read(
        blocks in proptest::collection::vec((0..LABELS.len(), proptest::collection::vec(any::<u8>(), 1..200)), 0..5),
        width in 1usize..100,
        end in prop::sample::select(vec!["\n", "\r\n", "\r", " ", "\n\n", "\n \t", "\\n"]),
        around in "[a-zA-Z0-9:=. \n]{0,40}",
        mark in any::<bool>(),
        padded in any::<bool>(),
    ) {
        let mut text = String::from(if mark { "\u{feff}" } else { "" });
        for (label, der) in &blocks {
            let label = LABELS[*label].0;
            text.push_str(&format!("{around}{end}-----BEGIN {label}-----{end}"));
            let base64 = STANDARD.encode(der);
            let base64 = if padded { &base64[..] } else { base64.trim_end_matches('=') };
            for line in base64.as_bytes().chunks(width) {
                text.push_str(std::str::from_utf8(line).unwrap());
                text.push_str(end);
            }
            text.push_str(&format!("-----END {label}-----{end}"));
        }
        let found = read(text.as_bytes()).unwrap();
        let found: Vec<_> = found.iter().map(|block| (block.kind, block.der.expose().to_vec())).collect();
        let expected: Vec<_> = blocks.iter().map(|(label, der)| (LABELS[*label].1, der.clone())).collect();
        prop_assert_eq!(found, expected);
    }
}
