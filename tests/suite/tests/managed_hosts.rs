//! Managed identity on every host, by a script: exact requests, every form of reply, what is retried,
//! and what each refusal means. What is expected is read off managed-and-tools.md, section 2.

#[path = "managed_hosts/arc.rs"]
mod arc;
#[path = "managed_hosts/cells.rs"]
mod cells;
#[path = "managed_hosts/challenged.rs"]
mod challenged;
#[path = "managed_hosts/found.rs"]
mod found;
#[path = "managed_hosts/pod.rs"]
mod pod;
#[path = "managed_hosts/replies.rs"]
mod replies;
#[path = "managed_hosts/requests.rs"]
mod requests;
#[path = "managed_hosts/shapes.rs"]
mod shapes;
#[path = "managed_hosts/support.rs"]
mod support;
