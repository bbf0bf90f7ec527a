//! The device authorization grant (RFC 8628): its two endpoints. The person's page is `device_page`.

use entrada_core::effect::HttpResponse;
use entrada_core::time::Unix;
use serde_json::{Value, json};

use super::demands::Demands;
use super::fault::Fault;
use super::scope::Wanted;
use super::tenant::Place;
use super::token::Request;
use crate::Emulator;
use crate::ask::Ask;
use crate::store::{Decision, Device};

/// How much too early a poll may come, in milliseconds: the way here takes longer some times than others.
const TOLERANCE: u64 = 500;

impl Emulator {
    pub(crate) fn device_authorization(
        &mut self,
        ask: &Ask<'_>,
        place: Result<Place, Fault>,
    ) -> HttpResponse {
        match self.device_begin(ask, place) {
            Ok(document) => self.accept(ask, &document),
            Err(fault) => self.refuse(ask, &fault),
        }
    }

    pub(super) fn device_begin(
        &mut self,
        ask: &Ask<'_>,
        place: Result<Place, Fault>,
    ) -> Result<Value, Fault> {
        if !ask.is_post() {
            return Err(Fault::verb("POST, OPTIONS", ask.method()));
        }
        let form = ask.form();
        if let Some(name) = form.doubled() {
            return Err(Fault::doubled(name));
        }
        let place = place?;
        let client_id = form.get("client_id").ok_or_else(|| Fault::missing("client_id"))?;
        let app = place.app(&self.config, client_id)?;
        let scope = form.get("scope").ok_or_else(|| Fault::missing("scope"))?;
        let wanted = Wanted::of_user(&self.config, &ask.origin, scope)?;
        let mut demands = Demands::read(&form)?;
        demands.add(self.demanded_for(&wanted.audience));
        let (life, interval) = (self.config.policy.device_code, self.config.policy.device_interval);
        let device = Device {
            user_code: self.draw.user_code(),
            client: app.client_id.clone(),
            scope: scope.to_owned(),
            tenant_form: place.form().to_owned(),
            acrs: demands.acrs,
            expires: Unix(ask.now.unix.0.saturating_add(life)),
            interval,
            last_poll: None,
            polls: 0,
            decision: Decision::Pending,
            redeemed: 0,
        };
        let (user_code, device_code) = (device.user_code.clone(), self.draw.opaque());
        let address = match place {
            Place::Apart(name) => format!("{}/{name}/oauth2/deviceauth", ask.origin),
            _ => format!("{}/devicelogin", ask.origin.authority()),
        };
        let message = format!(
            "To sign in, use a web browser to open the page {address} and enter the code {user_code} to authenticate."
        );
        self.store.devices.insert(device_code.clone(), device);
        Ok(json!({
            "user_code": user_code, "device_code": device_code, "verification_uri": address,
            "expires_in": life, "interval": interval, "message": message,
        }))
    }

    pub(crate) fn device_token(&mut self, ask: &Ask<'_>, request: &Request) -> Result<Value, Fault> {
        let code = request.need("device_code")?;
        let unknown = || {
            let message =
                "Bad verification code received from the user. The code is unknown or was used before.";
            Fault::new("bad_verification_code", 70_018, message)
        };
        let device = self.store.devices.get_mut(code).ok_or_else(unknown)?;
        device.polls += 1;
        if !device.client.eq_ignore_ascii_case(&request.app.client_id) {
            let message =
                "Provided grant is invalid or malformed: the code was issued to another application.";
            return Err(Fault::new("invalid_grant", 70_000, message));
        }
        if device.tenant_form != request.place.form() {
            let message = "Provided device code is intended to use against other tenant, thus rejected.";
            return Err(Fault::new("invalid_grant", 700_005, message));
        }
        if device.redeemed > 0 {
            device.redeemed += 1;
            return Err(unknown());
        }
        if ask.now.unix >= device.expires {
            let message = "The user code or device code has expired. Start the sign-in again.";
            return Err(Fault::new("expired_token", 70_019, message));
        }
        let since =
            device.last_poll.map(|last| ask.now.mono.0.saturating_sub(last.0).saturating_add(TOLERANCE));
        device.last_poll = Some(ask.now.mono);
        if since.is_some_and(|since| since < device.interval.saturating_mul(1000)) {
            // RFC 8628 section 3.5: the interval grows by 5 seconds for this and all later requests.
            device.interval = device.interval.saturating_add(5);
            let message = "The client polls too often. Wait longer between requests.";
            return Err(Fault::new("slow_down", 70_016, message));
        }
        let session = match &device.decision {
            Decision::Pending => {
                let message = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
                return Err(Fault::new("authorization_pending", 70_016, message));
            }
            Decision::Declined => {
                let message = "The end user denied the authorization request.";
                return Err(Fault::new("authorization_declined", 70_017, message));
            }
            Decision::Approved(session) => session.clone(),
        };
        device.redeemed += 1;
        let scope = device.scope.clone();
        let wanted = Wanted::of_user(&self.config, &ask.origin, &scope)?;
        self.user_document(ask, &request.granted(&session, &wanted, &scope))
    }
}
