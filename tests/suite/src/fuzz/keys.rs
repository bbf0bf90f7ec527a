//! Files with certificates and private keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entrada_core::effect::{SignFailure, SignatureAlgorithm};
use entrada_core::secret::Secret;
use entrada_host::keys::LoadedCertificate;
use entrada_host::keys::pem::{self, Block, BlockKind};

use super::checks::{check_error, check_hidden, shown};

const PASSWORD: &str = "canary0password0of0the0file";

/// A file: the password by the first byte, then PEM, PKCS #12, or PKCS #12 in base64.
pub fn key_file(bytes: &[u8]) {
    let (first, file) = bytes.split_first().unwrap_or((&0, &[]));
    let password = [None, Some(""), Some("secret"), Some(PASSWORD)][usize::from(*first) % 4];
    let blocks = pem::read(file).unwrap_or_default();
    again(&blocks);
    let encrypted = blocks.iter().filter(|block| block.kind == BlockKind::EncryptedPrivateKey);
    if encrypted.into_iter().any(|block| is_laborious(block.der.expose()))
        || !pem::is_pem(file) && is_laborious(file)
    {
        return;
    }
    match LoadedCertificate::from_bytes(file, password.map(Secret::new).as_ref()) {
        Ok(loaded) => {
            assert!(!loaded.chain_der().is_empty());
            for algorithm in [SignatureAlgorithm::Ps256, SignatureAlgorithm::Rs256] {
                // A key whose secret half is damaged may be noticed only here.
                match loaded.sign(algorithm, b"message") {
                    Ok(signature) => assert!(signature.len() >= 128, "{} bytes", signature.len()),
                    Err(failure) => assert!(matches!(failure, SignFailure::Refused), "{failure:?}"),
                }
            }
            assert_eq!(loaded.chain_der()[0].first(), Some(&0x30));
            // In PEM alone it is the same certificate.
            let seen = blocks.iter().filter(|block| block.kind == BlockKind::Certificate).count();
            assert!(!pem::is_pem(file) || seen == loaded.chain_der().len());
        }
        Err(error) => {
            check_error(&error, b"");
            check_hidden(&error, password);
            let text = shown(&error);
            let private = blocks.iter().filter(|block| block.kind != BlockKind::Certificate);
            for line in private.flat_map(|block| lines(&block.der)) {
                assert!(!text.contains(&line), "a part of a key is shown: {text}");
            }
            assert!(error.remedy().is_some(), "{error}");
        }
    }
}

fn lines(der: &entrada_core::SecretBytes) -> Vec<String> {
    der.expose().chunks_exact(24).map(|part| STANDARD.encode(part)).collect()
}

/// Blocks written anew are the blocks that were read.
fn again(blocks: &[Block]) {
    let label = |kind| match kind {
        BlockKind::Certificate => "CERTIFICATE",
        BlockKind::PrivateKey => "PRIVATE KEY",
        BlockKind::RsaPrivateKey => "RSA PRIVATE KEY",
        BlockKind::EncryptedPrivateKey => "ENCRYPTED PRIVATE KEY",
        BlockKind::EcPrivateKey => "EC PRIVATE KEY",
        _ => "OPENSSH PRIVATE KEY",
    };
    let plain: Vec<_> = blocks.iter().filter(|block| !block.legacy_encrypted).collect();
    let text: String = plain
        .iter()
        .map(|block| {
            let label = label(block.kind);
            format!(
                "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
                STANDARD.encode(block.der.expose())
            )
        })
        .collect();
    let read = pem::read(text.as_bytes()).expect("it was written by us");
    let look = |block: &Block| (block.kind, block.der.expose().to_vec());
    let (read, plain): (Vec<_>, Vec<_>) =
        (read.iter().map(look).collect(), plain.into_iter().map(look).collect());
    assert_eq!(read, plain);
}

/// Whether a file may ask for much work: some number of its own is large, as the rounds of a password may be.
/// That is legal, and takes its seconds. The exponent of RSA keys is not meant.
fn is_laborious(file: &[u8]) -> bool {
    let text: Vec<u8> = file.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let decoded = STANDARD.decode(text).ok();
    let large = |number: &[u8]| match number {
        [2, 3, 1, 0, 1] => false,
        [2, 2, high, ..] => (0x10..0x80).contains(high),
        [2, 3..=8, high, ..] => *high < 0x80,
        _ => false,
    };
    decoded.as_deref().unwrap_or(file).windows(5).any(large)
}
