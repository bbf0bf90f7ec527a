//! A real browser, driven by the W3C WebDriver protocol.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use entrada_blocking::{Http as _, Limits, UreqHttp};
use entrada_core::{Environment, Route};
use entrada_host::proxy::Proxies;
use entrada_host::tls::Tls;
use serde_json::{Value, json};

/// What names an element in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Chromium without a window.
pub(crate) struct Browser {
    driver: Child,
    http: UreqHttp,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A browser, or `None` where there is no Chromium and nobody insists on it.
    pub(crate) fn start() -> Option<Browser> {
        let found = |name: &str| {
            let path = std::env::var_os("PATH")?;
            std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
        };
        let (Some(driver), Some(chromium)) = (found("chromedriver"), found("chromium")) else {
            assert!(
                std::env::var_os("ENTRADA_REQUIRE_BROWSER").is_none(),
                "chromium and chromedriver are required and not on PATH"
            );
            eprintln!("SKIPPED: there is no chromium with chromedriver on PATH");
            return None;
        };
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut lines =
            BufReader::new(driver.stdout.take().expect("it prints")).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| {
                line.trim_end_matches('.').rsplit_once("successfully on port ")?.1.parse::<u16>().ok()
            })
            .expect("chromedriver tells its port");
        // It goes on printing, and ends when nobody reads.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let tls = Tls::new(&Environment::new()).expect("there is a provider of cryptography");
        let mut browser = Browser {
            driver,
            http: UreqHttp::new(tls, Proxies::none()),
            session: format!("http://127.0.0.1:{port}/session"),
            _profile: profile,
        };
        browser.open(&chromium.display().to_string());
        Some(browser)
    }

    fn open(&mut self, chromium: &str) {
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            &format!("--user-data-dir={}", self._profile.path().display()),
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": chromium, "args": arguments},
            "timeouts": {"implicit": 20_000, "pageLoad": 30_000},
        }}});
        let session = self.ask("POST", "", &capabilities);
        let id = session["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {session}"));
        self.session = format!("{}/{id}", self.session);
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_ask(method, path, body).expect("chromedriver answers")
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.session))
            .header("content-type", "application/json")
            .body(if body.is_null() { Vec::new().into() } else { body.to_string().into_bytes().into() })
            .expect("a request");
        let limits = Limits { connect: Duration::from_secs(10), whole: Duration::from_secs(60) };
        let response = self.http.send(request, Route::Local, limits).ok()?;
        let answer: Value = serde_json::from_slice(response.body().expose()).ok()?;
        Some(answer["value"].clone())
    }

    pub(crate) fn visit(&self, url: &str) {
        let answer = self.ask("POST", "/url", &json!({ "url": url }));
        assert!(answer.is_null(), "{answer}");
    }

    /// The element of this CSS selector; waits for it to appear.
    fn find(&self, css: &str) -> String {
        self.find_by("css selector", css)
    }

    fn find_by(&self, using: &str, value: &str) -> String {
        let found = self.ask("POST", "/element", &json!({"using": using, "value": value}));
        let id = found[ELEMENT].as_str();
        id.unwrap_or_else(|| panic!("{value} is not on the page: {found}\n{}", self.page())).to_owned()
    }

    /// Waits for this text: it is on the page that comes next, not on the one that goes.
    pub(crate) fn expect(&self, text: &str) {
        self.find_by("xpath", &format!("//body//*[contains(normalize-space(), '{text}')]"));
    }

    pub(crate) fn type_into(&self, css: &str, text: &str) {
        let answer =
            self.ask("POST", &format!("/element/{}/value", self.find(css)), &json!({ "text": text }));
        assert!(answer.is_null(), "{answer}");
    }

    pub(crate) fn click(&self, css: &str) {
        let answer = self.ask("POST", &format!("/element/{}/click", self.find(css)), &json!({}));
        assert!(answer.is_null(), "{answer}");
    }

    pub(crate) fn page(&self) -> String {
        self.ask("GET", "/source", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// Keeps a picture of the page, where `ENTRADA_PICTURES` names a folder for them.
    pub(crate) fn picture(&self, name: &str) {
        use base64::Engine as _;
        if let Some(folder) = std::env::var_os("ENTRADA_PICTURES") {
            let answer = self.ask("GET", "/screenshot", &Value::Null);
            let text = answer.as_str().unwrap_or_default();
            let png = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), png)
                .expect("a picture");
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.try_ask("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
