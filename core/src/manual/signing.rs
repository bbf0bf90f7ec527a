//! # Keys that stay where they are
//!
//! A certificate's key signs the assertions by which an app proves itself. The core never sees it: it asks
//! its driver, with [`Effect::Sign`](crate::effect::Effect::Sign), first for the certificate and then for a
//! signature. The drivers of this project do both by themselves for certificates in files and in memory
//! ([`SigningKey::File`](crate::effect::SigningKey::File),
//! [`SigningKey::Bytes`](crate::effect::SigningKey::Bytes)). For a key in an HSM or in Key Vault a program
//! gives its driver a signer: a closure of this shape.
//!
//! ```
//! use entrada_core::effect::{
//!     SignAction, SignFailure, SignatureAlgorithm, Signed, SigningCertificate, SigningKey,
//! };
//!
//! struct Vault; // whatever holds the key
//! # impl Vault {
//! #     fn certificate(&self, _: &str) -> Option<Vec<u8>> { Some(vec![0x30, 0]) }
//! #     fn sign_ps256(&self, _: &str, message: &[u8]) -> Option<Vec<u8>> { Some(message.to_vec()) }
//! # }
//!
//! fn signer(vault: Vault) -> impl Fn(&SigningKey, &SignAction) -> Result<Signed, SignFailure> {
//!     move |key, action| {
//!         let SigningKey::Named(name) = key else { return Err(SignFailure::UnknownKey) };
//!         match action {
//!             SignAction::Certificate => {
//!                 let der = vault.certificate(name).ok_or(SignFailure::UnknownKey)?;
//!                 Ok(Signed::Certificate(SigningCertificate::new(der, [])))
//!             }
//!             SignAction::Sign { algorithm: SignatureAlgorithm::Ps256, message, .. } => {
//!                 let signature = vault.sign_ps256(name, message.expose()).ok_or(SignFailure::Refused)?;
//!                 Ok(Signed::Signature(signature.into()))
//!             }
//!             _ => Err(SignFailure::WrongAlgorithm),
//!         }
//!     }
//! }
//!
//! // The credential names the key; the driver's signer knows what is meant.
//! use entrada_core::{ClientCertificate, ClientCertificateCredential};
//! let certificate = ClientCertificate::new(SigningKey::Named("training-app".into()));
//! let app = ClientCertificateCredential::new("contoso.onmicrosoft.com", "client-id", certificate)?;
//! # let made = signer(Vault)(&SigningKey::Named("k".into()), &SignAction::Certificate);
//! # assert!(matches!(made, Ok(Signed::Certificate(_))));
//! # Ok::<(), entrada_core::Error>(())
//! ```
//!
//! With `entrada-blocking` it is `Driver::builder().signer(signer(vault))`, with `entrada-tokio` the same with
//! a closure that gives a future.
//!
//! The request to sign names the certificate that was told. A signer whose key was replaced in between
//! answers [`SignFailure::Changed`](crate::effect::SignFailure::Changed), and is asked once more from the
//! beginning: no assertion names one certificate and is signed by the key of another.
