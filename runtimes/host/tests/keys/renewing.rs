//! A file that changes while it is in use.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use entrada_host::keys::CertificateFile;

use crate::workshop::Workshop;

fn shop() -> Workshop {
    let shop = Workshop::new();
    for name in ["old", "new"] {
        shop.certificate(name, 2048);
        shop.write(&format!("{name}.pem"), shop.together(&[&format!("{name}.key"), &format!("{name}.crt")]));
    }
    shop
}

impl Workshop {
    fn install(&self, name: &str) {
        fs::copy(self.path(name), self.path("draft")).unwrap();
        fs::rename(self.path("draft"), self.path("live.pem")).unwrap();
    }

    /// As if the file had been like this for long.
    fn age(&self) {
        let file = File::options().append(true).open(self.path("live.pem")).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(100)).unwrap();
    }
}

#[track_caller]
fn holds(file: &CertificateFile, shop: &Workshop, name: &str) {
    assert_eq!(file.load().unwrap().sha256().to_vec(), shop.sha256(name));
}

#[test]
fn replaced_at_once() {
    let shop = shop();
    let file = CertificateFile::new(shop.path("live.pem"), None);
    assert!(file.load().is_err(), "it is not there yet");
    shop.install("old.pem");
    holds(&file, &shop, "old");
    shop.install("new.pem");
    holds(&file, &shop, "new");
    shop.age();
    holds(&file, &shop, "new");
    shop.install("old.pem");
    holds(&file, &shop, "old");
}

#[test]
fn parsed_once_for_one_content() {
    let shop = shop();
    let file = CertificateFile::new(shop.path("live.pem"), None);
    shop.install("old.pem");
    let first = file.load().unwrap();
    shop.age();
    let second = file.load().unwrap();
    shop.install("old.pem");
    let third = file.load().unwrap();
    assert!(Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&second, &third));
}

#[test]
fn half_written() {
    let shop = shop();
    let file = CertificateFile::new(shop.path("live.pem"), None);
    shop.install("old.pem");
    let old = file.load().unwrap();
    assert!(file.renewal_failure().is_none());
    let new = shop.read("new.pem");
    for length in [0, 10, 1000, 1800, new.len() - 10] {
        shop.write("live.pem", &new[..length]);
        assert!(Arc::ptr_eq(&file.load().unwrap(), &old), "{length}");
        assert!(file.renewal_failure().is_some(), "{length}");
        shop.age();
        assert!(Arc::ptr_eq(&file.load().unwrap(), &old), "{length}");
    }
    shop.write("live.pem", shop.together(&["new.key", "old.crt"]));
    assert!(Arc::ptr_eq(&file.load().unwrap(), &old), "the key came before its certificate");
    fs::remove_file(shop.path("live.pem")).unwrap();
    assert!(Arc::ptr_eq(&file.load().unwrap(), &old), "between one file and the next");
    shop.write("live.pem", &new);
    holds(&file, &shop, "new");
    assert!(file.renewal_failure().is_none());
}

#[test]
fn written_in_place_within_one_tick_of_the_clock() {
    let shop = shop();
    let file = CertificateFile::new(shop.path("live.pem"), None);
    let length = [shop.read("old.pem").len(), shop.read("new.pem").len()].into_iter().max().unwrap();
    let contents = ["old", "new"].map(|name| {
        let mut bytes = shop.read(&format!("{name}.pem"));
        bytes.resize(length, b'\n');
        (bytes, shop.sha256(name))
    });
    for (round, (bytes, sha256)) in contents.iter().cycle().take(100).enumerate() {
        shop.write("live.pem", bytes);
        assert_eq!(file.load().unwrap().sha256().to_vec(), *sha256, "{round}");
    }
}

#[cfg(unix)]
#[test]
fn behind_a_link_that_moves() {
    let shop = shop();
    let file = CertificateFile::new(shop.path("link"), None);
    for name in ["old", "new", "old"] {
        std::os::unix::fs::symlink(shop.path(&format!("{name}.pem")), shop.path("draft")).unwrap();
        fs::rename(shop.path("draft"), shop.path("link")).unwrap();
        holds(&file, &shop, name);
    }
}

#[test]
fn many_threads_during_a_renewal() {
    let shop = shop();
    let file = CertificateFile::new(shop.path("live.pem"), None);
    shop.install("old.pem");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    file.load().unwrap();
                }
            });
        }
        for name in ["new.pem", "old.pem", "new.pem"] {
            shop.install(name);
        }
    });
    holds(&file, &shop, "new");
}
