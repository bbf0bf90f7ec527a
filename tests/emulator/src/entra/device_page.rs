//! The page where a person enters a device's code, signs in and decides.

use entrada_core::effect::HttpResponse;

use super::fault::Fault;
use super::sign_in::approval_page;
use super::tenant::{ADFS, is_adfs};
use crate::Emulator;
use crate::ask::{Ask, Params};
use crate::html::{self, alert, button, field, form, hidden};
use crate::store::{Decision, Device};

impl Emulator {
    pub(crate) fn device_page(&mut self, ask: &Ask<'_>) -> HttpResponse {
        if ask.is_get() {
            return code_page(ask, ask.query.text("otc"), None);
        }
        if !ask.is_post() {
            return self.error_page(ask, &Fault::verb("GET, OPTIONS, POST", ask.method()));
        }
        let sent = ask.form();
        if let Some(id) = sent.get("ctx") {
            return self.device_approval(ask, id, sent.text("action"));
        }
        let typed = sent.text("otc");
        let code = match self.store.device_of(typed) {
            Some(code) if self.store.devices.get(code).is_some_and(|device| open(device, ask)) => {
                code.to_owned()
            }
            _ => return code_page(ask, typed, Some("That code is not right, or it has expired.")),
        };
        match sent.text("action") {
            "decline" => self.decide(&code, Decision::Declined),
            "approve" => self.device_credentials(ask, &sent, &code),
            _ => self.device_sign_in(ask, typed, &code, "", None),
        }
    }

    fn device_sign_in(
        &self,
        ask: &Ask<'_>,
        typed: &str,
        code: &str,
        name: &str,
        error: Option<&str>,
    ) -> HttpResponse {
        let app = self.store.devices.get(code).and_then(|device| self.config.app(&device.client));
        let app = app.map(|app| app.name.as_str()).unwrap_or_default();
        let fields = format!(
            "{}{}{}{}{}",
            hidden("otc", typed),
            field("username", "Email or username", "text", name, "username"),
            field("password", "Password", "password", "", "current-password"),
            button("approve", "Approve"),
            button("decline", "Decline"),
        );
        let markup = format!(
            "<p>You are signing in to <strong>{}</strong> on another device. Approve only if you started this \
             yourself.</p>{}{}",
            html::escape(app),
            alert(error),
            form(&here(ask), &fields)
        );
        html::page(200, "Sign in", &markup)
    }

    fn device_credentials(&mut self, ask: &Ask<'_>, sent: &Params, code: &str) -> HttpResponse {
        let device = self.store.devices.get(code);
        let (tenant, acrs) = device.map(|d| (d.tenant_form.clone(), d.acrs.clone())).unwrap_or_default();
        match self.person(ask, sent, &tenant) {
            Err(fault) => {
                let line = fault.line(ask);
                self.device_sign_in(ask, sent.text("otc"), code, sent.text("username"), Some(&line))
            }
            Ok(user) if user.mfa || !acrs.is_empty() => {
                let id = self.draw.short();
                self.store.approvals.insert(id.clone(), (user.object_id, code.to_owned()));
                approval_page(&here(ask), &id)
            }
            Ok(user) => {
                let session = self.session(ask, &user, false, &acrs);
                self.decide(code, Decision::Approved(session))
            }
        }
    }

    fn device_approval(&mut self, ask: &Ask<'_>, id: &str, action: &str) -> HttpResponse {
        let Some((user, code)) = self.store.approvals.remove(id) else {
            return code_page(ask, "", Some("That page was used already. Enter the code again."));
        };
        let user = self.config.user_of_object(&user).cloned();
        let device = self.store.devices.get(&code).filter(|device| open(device, ask));
        match (action, user, device) {
            ("approve", Some(user), Some(device)) => {
                let acrs = device.acrs.clone();
                let session = self.session(ask, &user, true, &acrs);
                self.decide(&code, Decision::Approved(session))
            }
            (_, _, Some(_)) => self.decide(&code, Decision::Declined),
            _ => code_page(ask, "", Some("That code is not right, or it has expired.")),
        }
    }

    fn decide(&mut self, code: &str, decision: Decision) -> HttpResponse {
        let said = match decision {
            Decision::Approved(_) => {
                "You have signed in to the app on your device. You may close this window now."
            }
            _ => "You have declined the sign-in. You may close this window now.",
        };
        if let Some(device) = self.store.devices.get_mut(code) {
            device.decision = decision;
        }
        html::page(200, "Done", &format!("<p id=\"done\">{said}</p>"))
    }
}

/// Whether there is still something to decide here.
fn open(device: &Device, ask: &Ask<'_>) -> bool {
    let here = (device.tenant_form == ADFS) == is_adfs(ask);
    here && ask.now.unix < device.expires && matches!(device.decision, Decision::Pending)
}

fn here(ask: &Ask<'_>) -> String {
    format!("{}{}", ask.origin, ask.path())
}

fn code_page(ask: &Ask<'_>, typed: &str, error: Option<&str>) -> HttpResponse {
    let fields =
        format!("{}{}", field("otc", "Code", "text", typed, "one-time-code"), button("next", "Next"));
    let markup = format!(
        "<p>Enter the code that your app or device shows.</p>{}{}",
        alert(error),
        form(&here(ask), &fields)
    );
    html::page(200, "Enter code", &markup)
}
