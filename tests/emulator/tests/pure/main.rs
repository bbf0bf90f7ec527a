//! The pure emulator: every grant, every refusal, on a clock of the test's own.

mod adfs;
mod app;
mod arm;
mod authorities;
mod certificate;
mod code;
mod confidential;
mod device;
mod directory;
mod discovery;
mod federated;
mod federation;
mod hosts;
mod imds;
mod on_behalf_of;
mod pages;
mod password;
mod pipelines;
mod refresh;
mod robust;
mod signing;
mod support;
