//! # Writing a flow
//!
//! A flow is an enum of states and one `step`. It asks through [`Cx`](crate::flow::Cx) and gets each
//! reply with the next step. Third parties write flows with the public API alone: this one gets a
//! token from a broker that listens on the machine itself.
//!
//! ```
//! use entrada_core::effect::Reply;
//! use entrada_core::exchange::{Exchange, RequestSpec, RetryPolicy};
//! use entrada_core::flow::{Cx, Flow};
//! use entrada_core::token::{self, Issued, Party};
//! use entrada_core::{AccessToken, BoxFlow, Credential, Endpoint, Step, TokenRequest, pump};
//!
//! #[derive(Debug)]
//! struct Broker {
//!     endpoint: Endpoint,
//! }
//!
//! impl Credential for Broker {
//!     fn name(&self) -> &'static str {
//!         "broker"
//!     }
//!
//!     fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
//!         let target = self.endpoint.with_query([("scope", request.scopes().joined())]);
//!         let spec = RequestSpec::get(target, "a token of the broker");
//!         Box::new(Asking(Exchange::new(spec, RetryPolicy::AUTHORITY)))
//!     }
//! }
//!
//! /// The exchange sends, waits and sends again; this only reads what it ends in.
//! #[derive(Debug)]
//! struct Asking(Exchange);
//!
//! impl Flow for Asking {
//!     type Output = AccessToken;
//!
//!     fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
//!         let answer = pump!(self.0.step(cx, reply));
//!         let issued = Issued { source: "broker", tenant: None, party: Party::App };
//!         Step::Done(token::parse(&answer, &issued).map(|response| response.access))
//!     }
//! }
//! # let broker = Broker { endpoint: Endpoint::local("http://127.0.0.1:4000/token")? };
//! # let request = TokenRequest::new(["api://x/.default"])?;
//! # let mut run = entrada_core::Run::new(broker.begin(&request));
//! # struct Fixed;
//! # impl entrada_core::Entropy for Fixed { fn fill(&mut self, b: &mut [u8]) { b.fill(7) } }
//! # let Step::Do(effect) = run.start(Default::default(), &mut Fixed) else { unreachable!() };
//! # assert_eq!(effect.summary(), "GET http://127.0.0.1:4000/token (a token of the broker)");
//! # Ok::<(), entrada_core::Error>(())
//! ```
//!
//! [`pump!`](crate::pump) passes the effects and the errors of a smaller machine on; it is the `?` of
//! a flow. [`check!`](crate::check) does the same for a plain `Result`.
//!
//! Rules that the flows of this crate keep, and yours should:
//!
//! - `Debug` shows the state and no secret: keep secrets in [`Secret`](crate::Secret).
//! - A request is made of an [`Endpoint`](crate::Endpoint) that the caller configured. What a server
//!   sends is never made into one, but by [`follow`](crate::Endpoint::follow) and
//!   [`trusted`](crate::Endpoint::trusted).
//! - Every loop has a wait or a count in it.
//! - An error says what was tried and what failed; server text goes into its detail, cleaned.
