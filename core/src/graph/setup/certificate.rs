//! A certificate of an app registration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::certificates::{Change, ChangeCertificates};
use crate::calendar;
use crate::effect::Reply;
use crate::error::{Error, Made, MadeKind};
use crate::flow::{Cx, Flow};
use crate::graph::{Application, Graph};
use crate::patience::named_guid;
use crate::run::Step;
use crate::time::Unix;

/// A certificate whose key an app signs its assertions with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate in DER. It is no secret.
    pub der: Vec<u8>,
    /// From when to when it shall serve; nothing, for as long as it is valid.
    pub valid: Option<(Unix, Unix)>,
}

impl Certificate {
    /// The id it is registered under: one that follows from the certificate, so that registering it twice
    /// comes to the same.
    #[must_use]
    pub fn key_id(&self) -> String {
        named_guid(&Sha256::digest(&self.der))
    }

    pub(super) fn made(&self) -> Made {
        Made::certain(MadeKind::Certificate, &self.key_id())
    }

    /// What is registered.
    pub(super) fn document(&self) -> Value {
        let mut own = json!({
            "@odata.type": "#microsoft.graph.keyCredential", "displayName": null,
            "key": STANDARD.encode(&self.der), "keyId": self.key_id(), "type": "AsymmetricX509Cert",
            "usage": "Verify",
        });
        if let Some((from, to)) = self.valid {
            own["startDateTime"] = calendar::rfc3339(from).into();
            own["endDateTime"] = calendar::rfc3339(to).into();
        }
        own
    }
}

/// Adds a certificate to an app registration; those there are stay. Ends in its id.
///
/// After an error it is registered, or may be, where [`Error::made`] has it; else it certainly is not.
#[derive(Debug)]
pub struct AddCertificate {
    id: String,
    change: ChangeCertificates,
}

impl AddCertificate {
    /// This certificate for this app registration, which was just read or made.
    #[must_use]
    pub fn new(graph: &Graph, app: &Application, certificate: &Certificate) -> AddCertificate {
        AddCertificate {
            id: certificate.key_id(),
            change: ChangeCertificates::new(graph, app, Change::Add(certificate.clone())),
        }
    }
}

impl Flow for AddCertificate {
    type Output = String;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<String> {
        crate::pump!(self.change.step(cx, reply));
        Step::Done(Ok(self.id.clone()))
    }

    fn interrupted(&self, error: Error) -> Error {
        self.change.interrupted(error)
    }
}
