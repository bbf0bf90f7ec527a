//! # Writing a driver
//!
//! The crates `entrada-blocking` and `entrada-tokio` are drivers for threads and for tokio. For
//! another executor, or for a platform of your own, a driver is one loop and one `match`. This one is
//! complete: any closure is its HTTP, it waits by a closure too, and whatever else a flow may ask for
//! is answered with "unsupported", so that a chain goes on to what works. The closure sees the whole
//! call: its route decides on proxies and certificates, and it has a limit of its own for connecting.
//! That it gives up at its limit, with `TimedOut`, says the same as
//! [`Run::expire`](crate::Run::expire), which drivers use that stop what runs beside them.
//!
//! ```
//! use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
//!
//! use entrada_core::effect::{Effect, HttpCall, HttpFailure, HttpResponse};
//! use entrada_core::{BoxFlow, Entropy, Error, Mono, Now, Run, Step, Unix};
//!
//! pub struct Driver<H, W> {
//!     pub http: H, // sends the call's request by its route, within a limit
//!     pub wait: W, // waits
//!     pub began: Instant,
//! }
//!
//! impl<H, W> Driver<H, W>
//! where
//!     H: Fn(&HttpCall, Duration) -> Result<HttpResponse, HttpFailure>,
//!     W: Fn(Duration),
//! {
//!     fn now(&self) -> Now {
//!         let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
//!         Now {
//!             mono: Mono(self.began.elapsed().as_millis() as u64),
//!             unix: Unix(unix.as_secs() as i64),
//!         }
//!     }
//!
//!     pub fn run<T>(&self, flow: BoxFlow<T>, entropy: &mut dyn Entropy) -> Result<T, Error> {
//!         let mut run = Run::new(flow);
//!         let mut step = run.start(self.now(), entropy);
//!         loop {
//!             let effect = match step {
//!                 Step::Done(result) => return result,
//!                 Step::Do(effect) => effect,
//!             };
//!             let reply = match effect {
//!                 Effect::Http(call) => {
//!                     let limit = self.now().mono.until(call.deadline());
//!                     let result = (self.http)(&call, limit);
//!                     call.split().1.reply(result)
//!                 }
//!                 Effect::Wait(wait) => {
//!                     (self.wait)(self.now().mono.until(wait.until()));
//!                     wait.ticket().done()
//!                 }
//!                 other => other.unsupported(),
//!             };
//!             step = run.resume(self.now(), entropy, reply);
//!         }
//!     }
//! }
//! # use std::cell::Cell;
//! # use entrada_core::{ClientSecretCredential, Credential, TokenRequest};
//! # struct Fixed;
//! # impl Entropy for Fixed { fn fill(&mut self, b: &mut [u8]) { b.fill(7) } }
//! # let (asked, waited) = (Cell::new(0), Cell::new(0));
//! # let driver = Driver {
//! #     http: |call: &HttpCall, limit: Duration| {
//! #         assert_eq!(call.request().uri().host(), Some("login.microsoftonline.com"));
//! #         assert!(call.connect_limit() < limit && limit > Duration::from_secs(20));
//! #         assert_eq!(*call.route(), entrada_core::Route::Internet);
//! #         asked.set(asked.get() + 1);
//! #         let busy = http::Response::builder().status(503).body(Vec::new().into());
//! #         let token = br#"{"access_token":"t","expires_in":60,"token_type":"Bearer"}"#;
//! #         Ok(if asked.get() == 1 { busy.unwrap() } else { http::Response::new(token.to_vec().into()) })
//! #     },
//! #     wait: |_| waited.set(waited.get() + 1),
//! #     began: Instant::now(),
//! # };
//! # let credential = ClientSecretCredential::new("tenant", "client", "secret")?;
//! # let request = TokenRequest::new(["https://management.azure.com/.default"])?;
//! # let token = driver.run(credential.begin(&request), &mut Fixed)?;
//! # assert_eq!((token.secret().expose(), asked.get(), waited.get()), ("t", 2, 1));
//! # Ok::<(), Error>(())
//! ```
//!
//! An async driver is the same with two `.await`s. Since no trait of the core is async, there is no
//! question of `Send` futures: it runs on single-threaded executors and in a browser alike.
//!
//! To try a driver, run a flow against the emulator (`entrada emulator` on the command line, or the
//! crate `entrada-emulator` in process).
