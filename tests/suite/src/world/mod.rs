//! The pure world that answers effects: services, files, programs, and a person at a browser.

pub mod agent;
pub mod earlier;
pub mod files;
pub mod http;
pub mod person;
pub mod programs;
pub mod renewal;
pub mod shelf;
pub mod signer;

use std::time::Duration;

use entrada_core::effect::{Effect, HttpRequest, Reply};
use entrada_core::time::Now;
use entrada_core::xml;
use entrada_emulator::{Config, Emulator};

use crate::canaries::{Canaries, Kind};
use crate::choices::Choices;
use crate::faults::Faults;
pub use agent::Keys;
pub use files::Files;
pub use http::Metadata;
pub use person::Sitter;
pub use programs::Tool;
pub use renewal::Renewal;
pub use shelf::Shelf;
pub use signer::Signer;

/// Everything outside the process. A clone goes its own way from here on.
#[derive(Clone, Debug)]
pub struct World {
    /// The services.
    pub emulator: Emulator,
    /// Whether there is a metadata service.
    pub metadata: Metadata,
    /// What goes wrong on the way to them.
    pub faults: Faults,
    /// The files.
    pub files: Files,
    /// The folder that stands for `/`, where the files are to be on a real disk too.
    pub root: String,
    /// The Azure CLI.
    pub az: Tool,
    /// The Azure Developer CLI.
    pub azd: Tool,
    /// Azure PowerShell.
    pub pwsh: Tool,
    /// What PowerShell is called here.
    pub powershell: &'static str,
    /// The person.
    pub sitter: Sitter,
    /// The signer.
    pub signer: Signer,
    /// Where accounts and tokens are kept.
    pub shelf: Shelf,
    /// How the keys of Azure Arc's agent are found.
    pub keys: Keys,
    /// Whom the token in the token file is for.
    pub audience: &'static str,
    /// When the token file is written anew, if it is.
    pub renewal: Option<Renewal>,
    /// When all of it began.
    pub began: Now,
    /// Every secret that has come up.
    pub canaries: Canaries,
}

/// What becomes of an effect.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of them at a time")]
pub enum Answer {
    /// A reply, after some time.
    Reply {
        /// The reply.
        reply: Reply,
        /// How long it takes.
        took: Duration,
        /// What was exchanged, where it was an HTTP exchange.
        exchange: Option<Exchange>,
    },
    /// Nothing, until the deadline passes. The effect could still be answered, too late.
    Silence {
        /// The effect.
        effect: Effect,
        /// Whether a service received it, and what.
        request: Option<(HttpRequest, bool)>,
    },
}

/// One HTTP exchange, for the rules.
#[derive(Debug)]
pub struct Exchange {
    /// What was sent.
    pub request: HttpRequest,
    /// Whether the service received it.
    pub delivered: bool,
    /// The status and the body that came back.
    pub answer: Option<(u16, Vec<u8>)>,
    /// How long the service demands to be left alone.
    pub demanded: Option<Duration>,
}

impl Answer {
    fn at_once(reply: Reply) -> Answer {
        Answer::Reply { reply, took: Duration::from_millis(5), exchange: None }
    }

    fn silence(effect: Effect) -> Answer {
        Answer::Silence { effect, request: None }
    }
}

impl World {
    /// A world where all is well: the ready-made one of the emulator, and nothing else.
    #[must_use]
    pub fn fair(config: Config, seed: u64, began: Now) -> World {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut canaries = Canaries::default();
        for app in &config.apps {
            app.secrets.iter().for_each(|secret| canaries.add(Kind::ClientSecret, secret.value.expose()));
        }
        for user in &config.users {
            canaries.add(Kind::Password, user.password.expose());
            // As XML has it.
            canaries.add(Kind::Password, &xml::escape(user.password.expose()).unwrap_or_default());
        }
        canaries.add(Kind::SystemAccessToken, config.pipelines.system_access_token.expose());
        canaries.add(Kind::HostSecret, config.hosts.identity_header.expose());
        canaries.add(Kind::HostSecret, config.hosts.msi_secret.expose());
        Signer::note(&mut canaries);
        World {
            emulator: Emulator::new(config, bytes),
            metadata: Metadata::Present,
            faults: Faults::default(),
            files: Files::default(),
            root: String::new(),
            az: Tool::default(),
            azd: Tool::NotFound,
            pwsh: Tool::NotFound,
            powershell: "pwsh",
            sitter: Sitter::default(),
            signer: Signer::default(),
            shelf: Shelf::default(),
            keys: Keys::default(),
            audience: entrada_emulator::world::TOKEN_EXCHANGE,
            renewal: None,
            began,
            canaries,
        }
    }

    /// Where a file of this path is.
    #[must_use]
    pub fn place(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// What becomes of an effect now. Waits and tokens are for the simulation itself to answer.
    pub fn answer(&mut self, effect: Effect, now: Now, choices: &mut Choices<'_>) -> Answer {
        self.sitter.act(&mut self.emulator, now, &mut self.canaries);
        self.renew(now);
        match effect {
            Effect::Http(call) => self.http(call, now, choices),
            Effect::ReadFile(read) => {
                let (limit, (path, ticket)) = (read.limit(), read.split());
                let result = self.files.read(&path, limit);
                if let Ok(contents) = &result {
                    Files::note(contents.bytes.expose(), &mut self.canaries);
                }
                Answer::at_once(ticket.reply(result))
            }
            Effect::RunCommand(command) => self.run(*command, now, choices),
            Effect::Sign(sign) => self.signer.signs(sign),
            Effect::Store(using) => self.shelf.used(using, now),
            Effect::Prompt(prompt) => {
                let (prompt, ticket) = prompt.split();
                self.canaries.add(Kind::UserCode, prompt.user_code.expose());
                Answer::at_once(ticket.reply(self.sitter.told(&prompt, now)))
            }
            Effect::OpenBrowser(open) => {
                let (address, ticket) = open.split();
                let query = address.split_once('?').map_or("", |(_, query)| query);
                self.canaries.add_form(query.as_bytes());
                Answer::at_once(ticket.reply(self.sitter.opens(&address, now)))
            }
            Effect::Loopback(_) => {
                self.sitter.loopback(effect, &mut self.emulator, now, &mut self.canaries, choices)
            }
            other => Answer::at_once(other.unsupported()),
        }
    }
}
