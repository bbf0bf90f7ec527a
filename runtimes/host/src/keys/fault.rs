//! What can be wrong with a certificate file, and what to do about it.

use entrada_core::effect::FileFailure;
use entrada_core::error::{Error, ErrorKind};

/// Why there is no certificate to sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Unreadable(FileFailure),
    Empty,
    UnknownFormat,
    DamagedPem,
    DamagedCertificate,
    DamagedKey,
    NoCertificate,
    NoKey,
    SeveralKeys,
    OtherKey,
    NotRsa(&'static str),
    /// The cryptography takes no RSA key of so many bits.
    UnfitKey(usize),
    #[cfg(feature = "encrypted-keys")]
    NeedsPassword,
    #[cfg(feature = "encrypted-keys")]
    WrongPassword,
    LegacyEncrypted,
    /// An algorithm or a structure that we do not read.
    #[cfg(feature = "encrypted-keys")]
    Unsupported(String),
    #[cfg(not(feature = "pkcs12"))]
    NotCompiledIn {
        what: &'static str,
        feature: &'static str,
    },
    #[cfg(feature = "pkcs12")]
    DamagedPkcs12,
}

impl Fault {
    /// The error for the person who configured the certificate; `file` is what to call it.
    pub(super) fn into_error(self, file: &str) -> Error {
        let (what, remedy) = self.words();
        Error::new(ErrorKind::Configuration, format!("{file} {what}")).with_remedy(remedy)
    }

    fn words(&self) -> (String, &'static str) {
        let (what, remedy) = match self {
            Fault::Unreadable(why) => {
                return (format!("cannot be read: {why}"), "check the path, and who may read the file");
            }
            Fault::Empty => {
                ("is empty", "give the PEM or PKCS#12 file with the certificate and its private key")
            }
            Fault::UnknownFormat => (
                "is neither PEM nor PKCS#12",
                "give a PEM file with the certificate and its private key, or a PFX file",
            ),
            Fault::DamagedPem => (
                "has a PEM block that is cut short or damaged",
                "copy the file again, from -----BEGIN to -----END",
            ),
            Fault::DamagedCertificate => {
                ("has a certificate that cannot be read", "check it with: openssl x509 -in FILE -text -noout")
            }
            Fault::DamagedKey => {
                ("has a private key that cannot be read", "check it with: openssl pkey -in FILE -noout")
            }
            Fault::NoCertificate => (
                "has no certificate",
                "put the certificate beside its private key: cat certificate.pem key.pem > both.pem",
            ),
            Fault::NoKey => (
                "has no private key",
                "export the certificate with its private key, or append the key: cat certificate.pem key.pem > both.pem",
            ),
            Fault::SeveralKeys => (
                "has several private keys",
                "keep the private key that belongs to the certificate, and no other",
            ),
            Fault::OtherKey => (
                "has a private key that belongs to none of its certificates",
                "put in the certificate that was issued for this key, or the key of this certificate",
            ),
            Fault::NotRsa(kind) => {
                return (
                    format!("has a private key that is not RSA but {kind}"),
                    "use a certificate with an RSA key of 2048 bits or more; Entra accepts no other",
                );
            }
            Fault::UnfitKey(bits) => {
                return (
                    format!("has an RSA key of {bits} bits that the cryptography in use does not take"),
                    "use an RSA key of 2048, 3072 or 4096 bits; check it with: openssl rsa -check -noout -in FILE",
                );
            }
            #[cfg(feature = "encrypted-keys")]
            Fault::NeedsPassword => {
                ("is encrypted, and no password was given", "give the password of the file")
            }
            #[cfg(feature = "encrypted-keys")]
            Fault::WrongPassword => {
                ("cannot be decrypted with the password that was given", "check the password of the file")
            }
            Fault::LegacyEncrypted => (
                "has a private key in the encryption of old PEM files (DEK-Info), which is not safe and not read",
                "convert the key: openssl pkcs8 -topk8 -in old.pem -out new.pem",
            ),
            #[cfg(feature = "encrypted-keys")]
            Fault::Unsupported(what) => {
                return (
                    format!("uses {what}, which is not supported"),
                    "write it anew with the defaults of OpenSSL 3: openssl pkcs8 -topk8 for a key, openssl pkcs12 -export for a PFX file",
                );
            }
            #[cfg(not(feature = "pkcs12"))]
            Fault::NotCompiledIn { what, feature } => {
                let remedy = match *feature {
                    "pkcs12" => {
                        "build with the feature `pkcs12`, or convert the file: openssl pkcs12 -in file.pfx -out file.pem -nodes"
                    }
                    _ => {
                        "build with the feature `encrypted-keys`, or take the password off: openssl pkcs8 -in FILE -out new.pem"
                    }
                };
                return (format!("is {what}, and the support for that was not compiled in"), remedy);
            }
            #[cfg(feature = "pkcs12")]
            Fault::DamagedPkcs12 => (
                "is a PKCS#12 file that cannot be read",
                "check it with: openssl pkcs12 -info -noout -in FILE",
            ),
        };
        (what.to_owned(), remedy)
    }
}
