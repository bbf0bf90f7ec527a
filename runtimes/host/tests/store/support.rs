//! What they are tried with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entrada_core::cache::accounts::{AccountCache, AccountSource, Arrival, Change};
use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::token::TokenResponse;
use entrada_core::{
    AccessToken, EntraClient, Environment, Mono, Now, Secret, SecretBytes, TokenRequest, Unix,
};
use entrada_host::store::{Patience, Places, Protection, TokenStore};

pub(crate) const NOW: Unix = Unix(1_700_000_000);
pub(crate) const LIMIT: Duration = Duration::from_secs(120);
pub(crate) const HOST: &str = "login.microsoftonline.com";

/// The environment of a person whose home this is, on each system.
pub(crate) fn at_home(home: &Path) -> Environment {
    ["HOME", "USERPROFILE", "LOCALAPPDATA"].map(|name| (name, home.to_str().unwrap())).into_iter().collect()
}

pub(crate) fn places(home: &Path, protection: Protection) -> Places {
    Places::of(&at_home(home)).protected_by(protection)
}

/// What a store said to people.
pub(crate) type Said = Arc<Mutex<Vec<String>>>;

/// A store there, and what it says to people.
pub(crate) fn heard(places: Places) -> Result<(Arc<dyn TokenStore>, Said), StoreFailure> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&said);
    Ok((places.warning(move |line| hear.lock().unwrap().push(line.to_owned())).open()?, said))
}

pub(crate) fn plain(home: &Path) -> Arc<dyn TokenStore> {
    places(home, Protection::Plaintext).open().unwrap()
}

/// A name of this test's own, since keyrings are shared by the user's processes.
pub(crate) fn name() -> StoreName {
    StoreName::new("entrada.test.cache.nocae").unwrap()
}

/// What the document's file is called where it is not encrypted.
pub(crate) fn file() -> String {
    if cfg!(target_os = "linux") { name().to_string() } else { format!("{}.json", name()) }
}

/// The file beside a document that has this at the end of its name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    path.with_file_name(format!("{}{ending}", path.file_name().unwrap().to_str().unwrap()))
}

pub(crate) fn encoded(json: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json)
}

pub(crate) fn app() -> EntraClient {
    EntraClient::new("home", "app").unwrap()
}

pub(crate) fn request() -> TokenRequest {
    TokenRequest::new(["scope"]).unwrap()
}

pub(crate) fn response(uid: &str, refresh: &str) -> TokenResponse {
    let asked = Now { mono: Mono(0), unix: NOW };
    TokenResponse {
        access: AccessToken::new(format!("at-{uid}").into(), Unix(NOW.0 + 3600), asked, "test").unwrap(),
        refresh_token: Some(Secret::new(refresh)),
        id_token: Some(format!("{}.{}.", encoded("{}"), encoded(&format!(r#"{{"oid":"{uid}"}}"#))).into()),
        client_info: Some(encoded(&format!(r#"{{"uid":"{uid}","utid":"home"}}"#)).into()),
        family: None,
    }
}

pub(crate) fn sign_in(uid: &str) -> Change {
    let response = response(uid, &format!("rt-{uid}"));
    Change::Keep(Arrival::of_sign_in(&app(), &request(), AccountSource::DeviceCode, &response).unwrap())
}

pub(crate) fn refresh(cache: &AccountCache, uid: &str, refreshed: &str) -> Change {
    let with = cache.refresh_tokens(HOST, &format!("{uid}.home"), "app").remove(0);
    Change::Keep(Arrival::of_refresh(&app(), &request(), &with, &response(uid, refreshed)).unwrap())
}

/// The two things that a store does, each by its name.
pub(crate) trait Named: TokenStore {
    fn read(&self, name: &StoreName, limit: Duration) -> Result<SecretBytes, StoreFailure> {
        self.perform(name, &StoreAction::Read, NOW, &Patience::within(limit))
    }

    fn change(
        &self,
        name: &StoreName,
        change: &Change,
        now: Unix,
        limit: Duration,
    ) -> Result<SecretBytes, StoreFailure> {
        self.perform(name, &StoreAction::Change(Box::new(change.clone())), now, &Patience::within(limit))
    }
}

impl<S: TokenStore + ?Sized> Named for S {}

pub(crate) fn read(store: &dyn TokenStore) -> AccountCache {
    AccountCache::parse(store.read(&name(), LIMIT).unwrap().expose()).unwrap()
}

pub(crate) fn uids(store: &dyn TokenStore) -> Vec<String> {
    let accounts = read(store).signed_in(HOST, "app").into_iter();
    let mut uids: Vec<_> = accounts.map(|account| account.home_account_id.replace(".home", "")).collect();
    uids.sort();
    uids
}

/// Both stores, with the file that each keeps; the encrypted one only where the kernel lets it be.
pub(crate) fn stores(home: &Path) -> Vec<(Arc<dyn TokenStore>, PathBuf)> {
    let mut stores = vec![(plain(home), home.join(".IdentityService").join(file()))];
    match places(home, Protection::Encrypted).open() {
        Ok(store) if cfg!(target_os = "linux") => {
            stores.push((store, home.join(".cache/.IdentityService/entrada.test.cache")));
        }
        Ok(store) => stores.push((store, home.join(".IdentityService").join(format!("{}.jwe", name())))),
        Err(why) => eprintln!("SKIPPED, encrypted: {why}"),
    }
    stores
}
