//! The person's side of the authorization endpoint: password, approval, and the way back to the app.

use entrada_core::effect::HttpResponse;
use entrada_core::time::Unix;

use super::authorize::give_back;
use super::fault::Fault;
use super::issue::client_info;
use super::policy;
use super::tenant::{ADFS, Place, is_adfs, shares};
use crate::ask::{Ask, Params};
use crate::config::User;
use crate::html::{self, alert, button, field, form, hidden};
use crate::store::{Code, Pending, Session};
use crate::{Emulator, ask};

/// How many wrong passwords lock an account, and for how long after the last, in seconds.
const FAILURES: u32 = 10;
const LOCKED: i64 = 60;

impl Emulator {
    pub(crate) fn credentials_page(
        &self,
        ask: &Ask<'_>,
        id: &str,
        pending: &Pending,
        name: &str,
        error: Option<&str>,
    ) -> HttpResponse {
        let app = self.config.app(&pending.client).map(|app| app.name.as_str()).unwrap_or_default();
        let markup = format!(
            "<p>to continue to <strong>{}</strong></p>{}{}",
            html::escape(app),
            alert(error),
            form(
                &login(ask, pending),
                &format!(
                    "{}{}{}{}{}",
                    hidden("ctx", id),
                    field("username", "Email or username", "text", name, "username"),
                    field("password", "Password", "password", "", "current-password"),
                    button("signin", "Sign in"),
                    button("cancel", "Cancel"),
                )
            )
        );
        html::page(200, "Sign in", &markup)
    }

    /// What the page's form sends.
    pub(crate) fn sign_in(&mut self, ask: &Ask<'_>, place: &Result<Place, Fault>) -> HttpResponse {
        if !ask.is_post() {
            return self.error_page(ask, &Fault::verb("POST, OPTIONS", ask.method()));
        }
        let form = ask.form();
        let id = form.text("ctx").to_owned();
        let pending = self.store.pending.get(&id).filter(|pending| {
            let here = place.as_ref().is_ok_and(|place| place.form() == pending.tenant_form);
            here && ask.now.unix < pending.expires
        });
        let Some(pending) = pending.cloned() else {
            let message = "The session of this page is over, or has been used. Start again from the app.";
            return self.error_page(ask, &Fault::new("invalid_request", 900_144, message));
        };
        match (form.text("action"), &pending.user) {
            ("cancel", _) => {
                self.store.pending.remove(&id);
                let fault =
                    Fault::new("access_denied", 65_004, "User declined to consent to access the app.");
                let state = pending.state.as_deref();
                self.return_fault(ask, &pending.redirect_uri, pending.form_post, state, &fault)
            }
            ("approve", Some(user)) => self.signed_in(ask, &id, &pending, &user.clone(), true),
            (_, Some(_)) => approval_page(&login(ask, &pending), &id),
            _ => match self.person(ask, &form, &pending.tenant_form) {
                Err(fault) => {
                    let line = fault.line(ask);
                    self.credentials_page(ask, &id, &pending, form.text("username"), Some(&line))
                }
                Ok(user) if user.mfa || !pending.acrs.is_empty() => {
                    let page = approval_page(&login(ask, &pending), &id);
                    self.store.pending.insert(id, Pending { user: Some(user.object_id), ..pending });
                    page
                }
                Ok(user) => self.signed_in(ask, &id, &pending, &user.object_id, false),
            },
        }
    }

    /// Who gave these credentials. Too many wrong passwords lock the account for a while.
    pub(crate) fn person(&mut self, ask: &Ask<'_>, form: &Params, tenant_form: &str) -> Result<User, Fault> {
        let (name, password, now) = (form.text("username"), form.text("password"), ask.now.unix);
        let refuse = |code, message: String| Err(Fault::new("invalid_grant", code, message));
        // An AD FS has people of its own.
        let foreign = is_adfs(ask) && !self.is_federated_here(ask, name);
        let Some(user) = self.config.user(name).filter(|_| !foreign).cloned() else {
            return refuse(
                50_034,
                format!(
                    "The user account {name} does not exist in the directory. To sign into this application, \
                     the account must be added to the directory."
                ),
            );
        };
        let (failures, last) = self.store.failures.get(&user.object_id).copied().unwrap_or_default();
        let recent = now.0 < last.0.saturating_add(LOCKED);
        if user.locked || (failures >= FAILURES && recent) {
            return refuse(
                50_053,
                "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."
                    .into(),
            );
        }
        if !user.password.matches(password) {
            let before = if recent { failures } else { 0 };
            self.store.failures.insert(user.object_id, (before + 1, now));
            return Err(Fault::wrong_password());
        }
        self.store.failures.remove(&user.object_id);
        if user.disabled {
            return refuse(50_057, "The user account is disabled.".into());
        }
        if user.password_expired {
            let message = "The password is expired. The user must reset it.";
            return Err(Fault::new("invalid_grant", 50_055, message).suberror("user_password_expired"));
        }
        let elsewhere = !shares(tenant_form, &user.tenant)
            || (ask::is_guid(tenant_form) && !user.tenant.eq_ignore_ascii_case(tenant_form));
        if elsewhere { Err(Fault::elsewhere(&user, tenant_form)) } else { Ok(user) }
    }

    /// A session that begins now.
    pub(crate) fn session(&mut self, ask: &Ask<'_>, user: &User, mfa: bool, acrs: &[String]) -> Session {
        Session {
            id: self.draw.guid(),
            tenant: if is_adfs(ask) { ADFS.to_owned() } else { user.tenant.clone() },
            user: user.object_id.clone(),
            mfa,
            acrs: acrs.to_vec(),
            started: ask.now.unix,
        }
    }

    fn signed_in(
        &mut self,
        ask: &Ask<'_>,
        id: &str,
        pending: &Pending,
        user: &str,
        approved: bool,
    ) -> HttpResponse {
        self.store.pending.remove(id);
        let Some(user) = self.config.user_of_object(user).cloned() else {
            return self.error_page(ask, &Fault::new("invalid_grant", 50_034, "The account is gone."));
        };
        let session = self.session(ask, &user, approved, &pending.acrs);
        let code = self.draw.opaque();
        let mut fields = vec![("code", code.clone())];
        if pending.client_info {
            fields.push(("client_info", client_info(&user)));
        }
        fields.extend(pending.state.clone().map(|state| ("state", state)));
        fields.push(("session_state", session.id.clone()));
        self.store.codes.insert(
            code,
            Code {
                session,
                client: pending.client.clone(),
                redirect_uri: pending.redirect_uri.clone(),
                challenge: pending.challenge.clone(),
                scope: pending.scope.clone(),
                nonce: pending.nonce.clone(),
                tenant_form: pending.tenant_form.clone(),
                expires: Unix(ask.now.unix.0.saturating_add(self.config.policy.code)),
                redeemed: 0,
            },
        );
        give_back(&pending.redirect_uri, pending.form_post, &fields)
    }
}

fn login(ask: &Ask<'_>, pending: &Pending) -> String {
    let path = if is_adfs(ask) { "oauth2/authorize/login" } else { "oauth2/v2.0/authorize/login" };
    let pieces = ask.pieces();
    let place = match policy(&pieces) {
        Some((_, below)) => pieces[..pieces.len() - below.len()].join("/"),
        None => pending.tenant_form.clone(),
    };
    format!("{}/{place}/{path}", ask.origin)
}

/// Stands for the second device of a person.
pub(crate) fn approval_page(action: &str, id: &str) -> HttpResponse {
    let cancel = if action.ends_with("/login") { "cancel" } else { "decline" };
    let label = if cancel == "cancel" { "Cancel" } else { "Decline" };
    let markup = format!(
        "<p>A request was sent to your device. Approve it to go on.</p>{}",
        form(
            action,
            &format!("{}{}{}", hidden("ctx", id), button("approve", "Approve"), button(cancel, label))
        )
    );
    html::page(200, "Approve sign in", &markup)
}
