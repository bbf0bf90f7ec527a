//! What there is in the end, beside what was told of it.

use entrada_core::Error;
use entrada_core::error::MadeKind;
use entrada_core::graph::setup::Created;
use entrada_emulator::config::App;
use entrada_tests::setups::directory::there;

use super::Stage;

impl Stage {
    pub(crate) fn apps(&self) -> Vec<&App> {
        there::apps(&self.world)
    }

    pub(crate) fn roles(&self, principal: &str) -> usize {
        let roles = self.world.emulator.config().role_assignments.iter();
        roles.filter(|role| !principal.is_empty() && role.principal == principal).count()
    }

    /// Every secret there is has to be one that somebody knows or was told of.
    pub(crate) fn secrets_are_known(&self, known: &[&str], told: &str) {
        for secret in self.apps().iter().flat_map(|app| &app.secrets) {
            let is_known = known.contains(&secret.value.expose()) || told.contains(&secret.name);
            assert!(is_known, "nobody knows {} of {:?}; told: {told}", secret.name, self.asked);
        }
    }

    /// What there is after an error has to be told by it, in words and for programs; and what it says is there
    /// has to be there.
    pub(crate) fn is_told(&self, error: &Error) {
        let told = error.to_string();
        let said =
            |what: MadeKind, id: &str| error.made().iter().any(|made| made.what == what && made.id == id);
        let apps = self.apps();
        assert!(apps.len() <= 1, "{:?}", self.asked);
        for app in &apps {
            let by_id = said(MadeKind::Application, &app.client_id) && told.contains(&app.client_id);
            let by_name = said(MadeKind::Application, there::NAME) && told.contains("--reuse");
            assert!(by_id || by_name, "an app that nobody was told of: {told} {:?}", self.asked);
            for role in self.world.emulator.config().role_assignments.iter() {
                let is_told = role.principal != app.object_id || told.contains(&role.scope);
                assert!(is_told, "a role that nobody was told of: {told}");
            }
            for certificate in &app.certificates {
                assert!(said(MadeKind::Certificate, &certificate.key_id), "its key would be lost: {told}");
            }
            for secret in &app.secrets {
                let by_name = said(MadeKind::Secret, &secret.name) && told.contains(&secret.name);
                let by_id = said(MadeKind::Secret, &secret.id());
                assert!(by_name || by_id, "{told}");
                let named = if by_id { secret.id() } else { format!("'{}'", secret.name) };
                let command = format!("sp reset {} --no-password --remove-key {named}", app.client_id);
                assert!(told.contains(&command), "{told}");
            }
        }
        for made in error.made().iter().filter(|made| made.certain) {
            let there = match made.what {
                MadeKind::Application => apps.iter().any(|app| app.client_id == made.id),
                MadeKind::ServicePrincipal => apps.iter().any(|app| app.object_id == made.id),
                MadeKind::Secret => {
                    apps.iter().any(|app| app.secrets.iter().any(|known| known.id() == made.id))
                }
                MadeKind::Role => apps.iter().any(|app| self.roles(&app.object_id) > 0),
                MadeKind::Certificate => {
                    apps.iter().any(|app| app.certificates.iter().any(|known| known.key_id == made.id))
                }
                _ => panic!("{made:?} is never certain"),
            };
            assert!(there, "{made:?} is not there: {:?}", self.asked);
        }
    }

    /// Everything is as it should be.
    pub(crate) fn complete(&self, created: &Created, told: &str) {
        let apps = self.apps();
        assert_eq!(apps.len(), 1, "{:?}", self.asked);
        assert_eq!(apps[0].object_id, created.principal.id);
        assert_eq!(self.roles(&created.principal.id), 1, "{:?}", self.asked);
        if let Some(id) = &created.certificate {
            assert!(apps[0].certificates.iter().any(|known| known.key_id == *id), "{:?}", self.asked);
        }
        let Some(secret) = &created.secret else { return self.secrets_are_known(&[], told) };
        assert!(apps[0].secrets.iter().any(|known| known.value.expose() == secret.secret.expose()));
        let told = format!("{told} {:?}", secret.left_behind);
        self.secrets_are_known(&[secret.secret.expose()], &told);
    }
}
