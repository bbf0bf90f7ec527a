//! What is kept, and where.

use std::fs;
use std::time::Duration;

use entrada_core::Environment;
use entrada_core::effect::{StoreFailure, StoreName};
use entrada_host::store::{AzureCliCache, FileLock, Patience, Places, Protection};

use super::support::{
    HOST, LIMIT, NOW, Named as _, at_home, file, name, plain, read, refresh, sign_in, stores, uids,
};

#[test]
fn what_is_kept_is_there_in_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    for (store, path) in stores(home.path()) {
        assert!(store.read(&name(), LIMIT).unwrap().is_empty(), "{}", store.describe());
        let written = store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
        assert_eq!(store.read(&name(), LIMIT).unwrap().expose(), written.expose());
        assert_eq!(uids(&*store), ["jo"]);
        let change = refresh(&read(&*store), "jo", "rt-next");
        store.change(&name(), &change, NOW, LIMIT).unwrap();
        assert_eq!(read(&*store).refresh_tokens(HOST, "jo.home", "app")[0].secret.expose(), "rt-next");
        assert!(store.describe().contains(path.parent().unwrap().to_str().unwrap()), "{}", store.describe());
        let names: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, [path.file_name().unwrap()], "nothing is left beside it");
        let on_disk = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        assert_eq!(on_disk.contains("rt-next"), store.describe().contains("NOT encrypted"));
        // Where the one of either kind shares a folder with the other.
        fs::remove_file(&path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    for (store, path) in stores(home.path()) {
        store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("elsewhere");
    fs::write(&target, "{}").unwrap();
    for (store, path) in stores(home.path()) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert!(matches!(store.read(&name(), LIMIT), Err(StoreFailure::Broken(_))));
        assert!(store.change(&name(), &sign_in("jo"), NOW, LIMIT).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"{}");
    }
}

#[test]
fn what_others_wrote_stays() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".IdentityService");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(file()), r#"{"AccessToken":{"x":{"foo":"bar"}},"Other":{"a":1}}"#).unwrap();
    let store = plain(home.path());
    store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
    let written = String::from_utf8(store.read(&name(), LIMIT).unwrap().expose().to_vec()).unwrap();
    assert!(written.contains(r#""x":{"foo":"bar"}"#) && written.contains(r#""Other":{"a":1}"#), "{written}");
}

#[test]
fn without_a_home_nothing_is_kept_and_it_is_said_why() {
    let nowhere = Places::of(&Environment::new()).protected_by(Protection::Plaintext);
    let Err(StoreFailure::Unavailable(why)) = nowhere.open().map(|_| ()) else { panic!("kept nowhere") };
    assert!(why.contains(if cfg!(windows) { "LOCALAPPDATA" } else { "HOME" }), "{why}");
}

#[test]
fn the_azure_clis_document_is_its_own() {
    let home = tempfile::tempdir().unwrap();
    let environment = at_home(home.path());
    let store = AzureCliCache::of(&environment).beside(plain(home.path()));
    let (document, folder) = (StoreName::azure_cli(), home.path().join(".azure"));
    assert!(store.read(&document, LIMIT).unwrap().is_empty());
    assert!(!folder.exists(), "looking makes nothing");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("msal_token_cache.json");
    store.change(&document, &sign_in("one"), NOW, LIMIT).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("rt-one"));
    // The others are elsewhere.
    assert!(read(&store).signed_in(HOST, "app").is_empty());
    store.change(&name(), &sign_in("two"), NOW, LIMIT).unwrap();
    assert_eq!(uids(&store), ["two"]);
    assert!(!fs::read_to_string(&path).unwrap().contains("rt-two"));
    // While the tool writes, nothing is changed; what cannot be read is left as it is.
    let lock = FileLock::take(&folder.join("msal_token_cache.json.lockfile"), &Patience::none()).unwrap();
    let held = store.change(&document, &sign_in("three"), NOW, Duration::ZERO);
    assert_eq!(held.err(), Some(StoreFailure::Locked));
    drop(lock);
    fs::write(&path, "{ not json").unwrap();
    assert!(matches!(store.change(&document, &sign_in("three"), NOW, LIMIT), Err(StoreFailure::Broken(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ not json");
    // Alone it has no other document.
    let alone = AzureCliCache::of(&environment);
    assert!(matches!(alone.read(&name(), LIMIT), Err(StoreFailure::Unavailable(_))));
}
