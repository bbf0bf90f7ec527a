//! A folder with OpenSSL in it.

use std::path::PathBuf;
use std::process::Command;

use entrada_core::{Error, ErrorKind, Secret};
use entrada_host::keys::LoadedCertificate;

pub(crate) struct Workshop(tempfile::TempDir);

impl Workshop {
    pub(crate) fn new() -> Workshop {
        Workshop(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `openssl` with these words, here.
    pub(crate) fn openssl(&self, words: &str) -> Vec<u8> {
        let output = Command::new("openssl").args(words.split(' ')).current_dir(self.0.path()).output();
        let output = output.expect("these tests need the `openssl` command");
        assert!(output.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn text(&self, words: &str) -> String {
        String::from_utf8(self.openssl(words)).unwrap()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// The files one after the other.
    pub(crate) fn together(&self, names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| self.read(name)).collect()
    }

    /// `NAME.key` (PKCS#8) and `NAME.crt`, signed by itself.
    pub(crate) fn certificate(&self, name: &str, bits: u32) {
        self.openssl(&format!(
            "req -x509 -newkey rsa:{bits} -nodes -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name}"
        ));
    }

    /// `NAME.key` and `NAME.crt`, signed by `issuer`.
    pub(crate) fn issued(&self, name: &str, issuer: &str) {
        self.openssl(&format!(
            "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA {issuer}.crt -CAkey {issuer}.key -set_serial 7 -days 2 -out {name}.crt"
        ));
    }

    /// The certificate in DER.
    pub(crate) fn der(&self, name: &str) -> Vec<u8> {
        self.openssl(&format!("x509 -in {name}.crt -outform DER"))
    }

    /// The SHA-256 thumbprint of `NAME.crt`, as OpenSSL computes it.
    pub(crate) fn sha256(&self, name: &str) -> Vec<u8> {
        self.thumbprint(name, "sha256")
    }

    pub(crate) fn thumbprint(&self, name: &str, digest: &str) -> Vec<u8> {
        let text = self.text(&format!("x509 -in {name}.crt -noout -fingerprint -{digest}"));
        let hex = text.trim().rsplit('=').next().unwrap();
        hex.split(':').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }
}

pub(crate) fn load(bytes: impl AsRef<[u8]>) -> Result<LoadedCertificate, Error> {
    LoadedCertificate::from_bytes(bytes.as_ref(), None)
}

pub(crate) fn load_with(bytes: impl AsRef<[u8]>, password: &str) -> Result<LoadedCertificate, Error> {
    LoadedCertificate::from_bytes(bytes.as_ref(), Some(&Secret::new(password)))
}

/// That it was refused in these words, and that something is said about what to do.
#[track_caller]
pub(crate) fn refused(result: Result<LoadedCertificate, Error>, words: &str) {
    let error = result.expect_err(words);
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains(words), "{error}");
    assert!(error.remedy().is_some_and(|remedy| !remedy.is_empty()), "{error}");
}
