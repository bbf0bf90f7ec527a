//! # Errors
//!
//! An [`Error`](crate::Error) has a kind to branch on, a message for people, a remedy (what is known of this error,
//! else what [usually helps](crate::ErrorKind::remedy) against its kind), Entra's numbers and ids, and, from a chain, every attempt.
//!
//! | kind | it means | whose turn it is |
//! |---|---|---|
//! | `Configuration` | an option, file or address is wrong; nothing was sent | whoever configured the program |
//! | `Unavailable` | this source does not exist here; a chain goes on | |
//! | `Refused` | the authority or the service said no | an administrator, or whoever holds the secret |
//! | `Forbidden` | the token is good, its holder may not do this | an administrator |
//! | `InteractionRequired` | a person has to sign in; see `claims()` | the person |
//! | `Declined`, `Expired` | the person said no, or did not finish in time | the person |
//! | `Network`, `Timeout` | no connection, or none that can be trusted, or none in time | the network |
//! | `Service` | the service kept failing, or is busy; see `retry_after()` | nobody; try later |
//! | `Malformed` | an answer that makes no sense; often a proxy's | the network, or the service |
//! | `Cancelled` | the caller gave up | |
//! | `Misuse`, `Stuck` | a defect of a driver or of a flow | report it |
//!
//! *Absent is not broken.* Only `Unavailable` lets a chain go on. A service principal whose secret has
//! expired stops the chain, since going on would mean to act as somebody else. So does one that is described by
//! variables of which one cannot be what it is meant to be, such as a tenant of `..`; the chain is built all the
//! same, and says so when its turn comes. A source that is described in part is absent. `AZURE_CLIENT_ID` is read
//! by several sources: where it is no GUID, managed identity is absent, unless the environment tells of a host that
//! names identities or it is the only one that `AZURE_TOKEN_CREDENTIALS` selects; where the identity is not assigned, it is
//! absent if nothing but the answer of a metadata service tells of a host. A developer's tool is passed over whatever is wrong with
//! it, as long as there are others: the only member of a chain fails as it does by itself.
//!
//! Each attempt of a chain tells its source, what came of it, what was said, the id to look it up by, how long it took,
//! and what to do. The error's own
//! remedy is that of the likeliest source: one that is set up in part or broken ([`Attempt::nearly`](crate::error::Attempt::nearly)),
//! else the Azure CLI. A chain whose time is over ends in `Timeout` and says whom it was asking and whom it did not
//! ask any more.
//!
//! What a machine has, and what is wrong with it, is found by asking every source instead of the first that
//! answers: [`doctor`](crate::doctor), which `entrada doctor` prints. It tells whom the default chain uses,
//! or where it stops.
//!
//! ## What is shown, and what is not
//!
//! `Display` is made of our own words, numbers and ids of a fixed form, and, where a developer's tool has to sign in
//! with claims, of the command to run, which holds them in base64. What a server or a tool wrote
//! is in [`Error::detail`](crate::Error::detail): one line, at most 600 characters, without what was sent
//! to it and without anything that looks like a token or is named like a secret. No error holds a
//! request or a reply. Numbers of Entra's stay, and so do the codes of errors: what is named `code` is taken for one that is
//! secret if it has 16 characters or more and is no word. What is not found in text of others: a secret without a name that
//! is no JWT and has fewer than 80 characters, one whose name is itself broken by the end of a line, a token that is folded
//! to fewer than eight characters a line, and what goes on in the next line where it has fewer than 24 characters in each and
//! does not begin as a JWT does, or where its second quotation mark is missing and it is none of a token's characters.
//!
//! ## Hosts of managed identities
//!
//! They are asked themselves, and not Entra. What is a text on Azure Machine Learning compute, which refuses so, and a
//! number of Entra's in the text of any host, count as in a document; so does a 401 or 403 of any form, which is `Refused`
//! with what the host wants to be sent (`IDENTITY_HEADER`, `MSI_SECRET`), but for the metadata service, whose refusals are
//! objects. Anything else that is neither a token nor a refusal is `Malformed`, or `Service` where its status says so, and
//! nothing is said of an authority that was not asked. A pod is asked through Entra.
//!
//! At the metadata service's address, what answers with a page, or with a status below 500 and no object, is somebody
//! else, but for the statuses of an update: 410, 429, and 404 and 408 without a body. In a chain, who answers the probe
//! so, or with a gateway's page (502, 503, 504), is asked once more, and the chain goes on where that is answered so too.
//! Where the service answered before, or `AZURE_POD_IDENTITY_AUTHORITY_HOST` names it, a stranger in its place stops the
//! chain (`Malformed`).
//!
//! ## AADSTS numbers
//!
//! [`aadsts::TABLE`](crate::aadsts::TABLE) tells cause and remedy of the numbers that people meet. The
//! numbers give hints; decisions are made on the protocol's `error` code, except where Entra says more by number
//! than by code: that a failure is passing, that a person is needed, that a policy denies what a person did not
//! decline, that a code or an assertion has expired, and that a refresh token is good for nothing any more.
//!
//! ## What is said besides
//!
//! Entra puts a word for programs beside the code, the `suberror`: [`Error::suberror`](crate::Error::suberror).
//! About a grant that was refused (`invalid_grant`) it decides before the number does; where it decides nothing and the
//! refusal demands claims, a person is asked for, who can satisfy them.
//!
//! | word | it means here |
//! |---|---|
//! | `basic_action`, `additional_action`, `message_only`, `consent_required`, `user_password_expired` | `InteractionRequired` |
//! | `bad_token`, `token_expired` | `InteractionRequired`; a refresh token that was kept is forgotten |
//! | `client_mismatch` | `Refused`; a silent sign-in tries no other token of that family, and ends in `InteractionRequired` |
//! | `protection_policy_required` | `Refused`: no sign-in of this app helps |
//! | `device_authentication_failed`, and what is not known | as without it |
//!
//! ## Retries
//!
//! | what | after | how often |
//! |---|---|---|
//! | token requests that may be repeated | 408, 429, 5xx, a refusal that says it is temporary, transport faults | 3 more, within 90 s |
//! | redemption of a code | faults after which nothing was sent, and nothing else | 3 more, within 90 s |
//! | a password, to the authority | faults after which nothing was sent, 429, 503 | 2 more, within 90 s |
//! | a password, to a federation service | faults after which nothing was sent, and nothing else | 3 more, within 90 s |
//! | the metadata service | 404, 408, 410, 429, 5xx, silence | 5 more; 410 for 70 s; all of it within 120 s |
//! | the same in a chain, where the probe was answered by what may be somebody else | as above, but for silence and what may be somebody else again | 5 more, within 10 s |
//! | another host of managed identities | 408, 429, 5xx, silence | 2 to 5 more, within 120 s; Service Fabric's 500 twice |
//! | reading, `PUT` and `DELETE` at a service | 408, 429, 5xx, a conflict between the directory's servers, transport faults | 3 more |
//! | `POST` and `PATCH` at a service | faults after which nothing was sent, 429, such a conflict; after anything else whoever asked has to look first | 3 more |
//! | an operation that goes on after its answer | it is looked at as often as the service asks, or every 10 s | until it ends |
//!
//! A refusal that stays (`invalid_client`, `invalid_grant`, `unauthorized_client`, `invalid_scope` and their like) ends
//! the tries whatever its status: a wrong password that comes with a 503 locks the account all the same.
//!
//! A host of managed identities answers 500 to much that no other try mends: a number of Entra's that says no for good, an
//! identity that it does not have, a machine without any (`Failed to retrieve token from the Active directory`), single
//! sign-on without a user. These end the tries too, and are no `Service`
//! ([`RetryPolicy::settled`](crate::exchange::RetryPolicy::settled)).
//!
//! The 90 s for an authority are those of each request; [`EntraClient::within`](crate::EntraClient::within) gives another
//! time. A deadline of the driver, or of the run, that is nearer cuts every one of these times short.
//!
//! Waits double from 0.8 s, with a quarter of jitter either way. `Retry-After` (in either form, and
//! `retry-after-ms`, `x-ms-retry-after-ms`) takes their place up to 60 s. A service that asks for more
//! is not waited for: the call ends, and [`Error::retry_after`](crate::Error::retry_after) tells what it
//! asked. Two exceptions: while the metadata service says 410 it is asked again after 60 s at the latest,
//! and a device code is polled when the authority says, as long as the code lives.
