//! The Azure CLI's session without the Azure CLI: its own files say who is signed in, its own token cache
//! answers, or its refresh token is redeemed, and what came is put there as the tool would put it.
//!
//! Microsoft documents none of these files; their form is that of the Azure CLI 2.30 to 2.91. So whatever
//! is not as it was there is left to the tool itself: encrypted files, brokers, managed identities,
//! accounts that are not told apart, refusals by the authority, a lock that is not to be had.

mod ini;
mod principal;
mod profile;
mod settings;

use std::path::PathBuf;

use self::ini::Ini;
use self::principal::Principal;
use self::profile::Account;
use self::settings::Settings;
use super::NAME;
use crate::effect::{FileFailure, Reply};
use crate::environment::{Environment, System};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Cx, Flow, expect};
use crate::flows::authority_client::{DEVELOPER_CLIENT_ID, EntraClient};
use crate::flows::silent::{Memory, Pace, RememberedApp, Silent};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::scope::Scopes;
use crate::secret::SecretBytes;
use crate::tenant::Tenant;
use crate::token::AccessToken;

/// The files that are read, in this order: configuration, clouds, subscriptions, secrets of service
/// principals. Of the first two there may be none.
const FILES: [&str; 4] = ["config", "clouds.config", "azureProfile.json", "service_principal_entries.json"];

/// The most bytes of one of them; thousands of subscriptions are shorter.
const LONGEST: usize = 1 << 20;

/// The folder in which the Azure CLI keeps its files: `AZURE_CONFIG_DIR`, else `.azure` in the home folder;
/// nothing where there is no home folder either.
#[must_use]
pub fn config_folder(environment: &Environment) -> Option<PathBuf> {
    let home = if environment.system() == System::Windows { "USERPROFILE" } else { "HOME" };
    let named = environment.get_exact("AZURE_CONFIG_DIR").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(environment.get_exact(home)?).join(".azure")))
}

/// Something is not as it is expected: the tool itself has to be asked.
fn unexpected(why: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the Azure CLI's own files do not serve: {why}"))
}

/// Which account and token are wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) scopes: Scopes,
    pub(super) tenant: Option<Tenant>,
    pub(super) subscription: Option<String>,
}

impl Wanted {
    /// The tenant that the token has to be of. A subscription has its own, and no other.
    fn tenant_of(&self, account: &Account) -> Result<Tenant, Error> {
        match (&self.tenant, &self.subscription) {
            (Some(wanted), Some(_)) if !wanted.is(account.tenant().as_str()) => {
                Err(unexpected("the subscription belongs to another tenant"))
            }
            (Some(wanted), None) => Ok(wanted.clone()),
            _ => Ok(account.tenant().clone()),
        }
    }
}

/// Gets a token from the tool's files, or else from the tool.
#[derive(Debug)]
pub(super) struct Native {
    environment: Environment,
    wanted: Wanted,
    pace: Pace,
    state: State,
    tool: BoxFlow<AccessToken>,
}

#[derive(Debug)]
enum State {
    Fresh,
    /// The files so far; the next is being read.
    Reading(PathBuf, Vec<SecretBytes>),
    /// All is read but what this client proves itself with.
    Proving(EntraClient, TokenRequest),
    Answering(BoxFlow<AccessToken>),
    /// The tool is asked, for this reason.
    Tool(Error),
}

impl Native {
    pub(super) fn new(environment: &Environment, wanted: Wanted, tool: BoxFlow<AccessToken>) -> Native {
        let environment = environment.clone();
        Native { environment, wanted, pace: Pace::Brisk, state: State::Fresh, tool }
    }

    /// The same at this pace.
    pub(super) fn at(self, pace: Pace) -> Native {
        Native { pace, ..self }
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        match std::mem::replace(&mut self.state, State::Fresh) {
            State::Fresh => {
                let folder = config_folder(&self.environment);
                let folder = crate::check!(folder.ok_or_else(|| unexpected("there is no home folder")));
                self.read(cx, folder, Vec::new())
            }
            State::Reading(folder, mut files) => {
                let contents = match crate::check!(expect(reply)).file() {
                    Ok(contents) => contents.bytes,
                    Err(FileFailure::NotFound) if files.len() < 2 => SecretBytes::default(),
                    Err(_) => return Step::Done(Err(unexpected("one of them cannot be read"))),
                };
                files.push(contents);
                match files.as_slice() {
                    [config, clouds, profile] => {
                        let found = self.account([config, clouds, profile]);
                        let (client, request, account) = crate::check!(found);
                        self.answer(cx, client, request, (folder, account))
                    }
                    _ => self.read(cx, folder, files),
                }
            }
            State::Proving(client, request) => {
                let contents = crate::check!(expect(reply)).file();
                let entries = crate::check!(contents.map_err(|_| unexpected("one of them cannot be read")));
                let principal = crate::check!(Principal::of(client, entries.bytes.expose()));
                let client = principal.client().clone();
                let app = RememberedApp::of(client, principal, Memory::azure_cli());
                self.pump(cx, app.flow(&request, self.pace), None)
            }
            State::Answering(flow) => self.pump(cx, flow, reply),
            State::Tool(_) => Step::Done(Err(flow::out_of_turn())),
        }
    }

    fn read(&mut self, cx: &mut Cx<'_>, folder: PathBuf, files: Vec<SecretBytes>) -> Step<AccessToken> {
        let path = folder.join(FILES[files.len()]);
        self.state = State::Reading(folder, files);
        cx.read_file(path, LONGEST)
    }

    /// The account, as an app sees it, and what it is asked for.
    fn account(&self, files: [&SecretBytes; 3]) -> Result<(EntraClient, TokenRequest, Account), Error> {
        let [config, clouds, profile] = files;
        let ini = |file: &SecretBytes| {
            Ini::parse(file.expose()).ok_or_else(|| unexpected("its configuration is not of the plain form"))
        };
        let (config, clouds) = (ini(config)?, ini(clouds)?);
        let settings = Settings { config: &config, clouds: &clouds, environment: &self.environment };
        settings.check()?;
        let wanted = &self.wanted;
        let account = profile::choose(profile.expose(), settings.cloud(), wanted.subscription.as_deref())?;
        let tenant = wanted.tenant_of(&account)?;
        let app = match &account {
            Account::User { .. } => DEVELOPER_CLIENT_ID,
            Account::Principal { client_id, .. } => client_id,
        };
        let client = EntraClient::new(tenant.as_str(), app)?.with_authority(settings.authority()?);
        let request = TokenRequest::for_scopes(wanted.scopes.clone());
        let request = if settings.is_capable() { request.with_cae() } else { request };
        Ok((client, request, account))
    }

    fn answer(
        &mut self,
        cx: &mut Cx<'_>,
        client: EntraClient,
        request: TokenRequest,
        (folder, account): (PathBuf, Account),
    ) -> Step<AccessToken> {
        match account {
            Account::User { name, .. } => {
                let memory = Memory::azure_cli().of_user(name);
                let silent = Silent::new(NAME, &client, &memory, &request).at(self.pace);
                self.pump(cx, Box::new(silent), None)
            }
            Account::Principal { .. } => {
                self.state = State::Proving(client, request);
                cx.read_file(folder.join(FILES[3]), LONGEST)
            }
        }
    }

    fn pump(
        &mut self,
        cx: &mut Cx<'_>,
        mut flow: BoxFlow<AccessToken>,
        reply: Option<Reply>,
    ) -> Step<AccessToken> {
        let step = flow.step(cx, reply);
        self.state = State::Answering(flow);
        step
    }
}

impl Flow for Native {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let mut reply = reply;
        if !matches!(self.state, State::Tool(_)) {
            match self.advance(cx, reply.take()) {
                Step::Done(Err(error)) => self.state = State::Tool(error),
                step => return step,
            }
        }
        match (self.tool.step(cx, reply), &self.state) {
            // Where the tool cannot be asked, what the authority said before is the better answer.
            (Step::Done(Err(error)), State::Tool(first))
                if error.is_unavailable() && !first.is_unavailable() =>
            {
                let first = first.clone().from_source(NAME);
                Step::Done(Err(match first.kind() {
                    ErrorKind::InteractionRequired => first.with_remedy("run `az login`"),
                    _ => first,
                }))
            }
            (step, _) => step,
        }
    }
}
