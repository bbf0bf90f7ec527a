//! The person at the browser, played by following the emulator's pages over real sockets.

use std::time::Duration;

use entrada_blocking::{Error, Http, Limits, Ui, UreqHttp};
use entrada_core::effect::{
    BrowserFailure, DevicePrompt, HttpFailure, HttpRequest, HttpResponse, PromptFailure,
};
use entrada_core::{Environment, Route};
use entrada_emulator::person::{Arrival, Person, Stuck};
use entrada_host::proxy::Proxies;
use entrada_host::tls::Tls;

use crate::ui::say;

/// Opens no window: the pages are fetched, filled in and sent, and the browser's return is made to the
/// program, as a browser would.
pub(super) struct AtTheBrowser {
    environment: Environment,
}

impl AtTheBrowser {
    pub(super) fn new(environment: &Environment) -> Result<AtTheBrowser, Error> {
        Ok(AtTheBrowser { environment: environment.clone() })
    }
}

impl Ui for AtTheBrowser {
    fn prompt(&self, _: &DevicePrompt) -> Result<(), PromptFailure> {
        Err(PromptFailure::Nobody)
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        let tls = Tls::new(&self.environment).map_err(|_| BrowserFailure::NotFound)?;
        let http = UreqHttp::new(tls, Proxies::none());
        let url = url.to_owned();
        // A person takes time; the program waits at its listener meanwhile.
        std::thread::spawn(move || {
            if let Err(stuck) = visit(&http, &url) {
                say(&format!("     the person got stuck: {stuck}"));
            }
        });
        Ok(())
    }
}

fn visit(http: &UreqHttp, url: &str) -> Result<(), Stuck<HttpFailure>> {
    let limits = Limits { connect: Duration::from_secs(5), whole: Duration::from_secs(10) };
    let send = |request: HttpRequest| http.send(request, Route::Local, limits);
    let arrival = Person::default().sign_in(url, send)?;
    let request = request(arrival).ok_or(Stuck::Lost("the way back is no address"))?;
    let page: HttpResponse = send(request).map_err(Stuck::Sending)?;
    match page.status().is_success() {
        true => Ok(()),
        false => Err(Stuck::Lost("the program did not take the sign-in")),
    }
}

fn request(arrival: Arrival) -> Option<HttpRequest> {
    http::Request::builder()
        .method(arrival.method)
        .uri(arrival.url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(arrival.body)
        .ok()
}
