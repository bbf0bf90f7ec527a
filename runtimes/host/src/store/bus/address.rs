//! Where the session bus is (the D-Bus Specification, "Server Addresses").

use std::path::{Path, PathBuf};

use entrada_core::environment::Environment;

/// One socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Address {
    /// By a name in the file system.
    Path(PathBuf),
    /// By a name that only the kernel of Linux knows.
    Abstract(Vec<u8>),
}

/// The sockets at which the session bus may be, in the order in which they are tried; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Addresses(pub(in crate::store) Vec<Address>);

impl Addresses {
    /// Those that `DBUS_SESSION_BUS_ADDRESS` names, else the one in `XDG_RUNTIME_DIR`, as systemd has it.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(in crate::store) fn of(environment: &Environment) -> Result<Addresses, &'static str> {
        if let Some(list) = environment.get("DBUS_SESSION_BUS_ADDRESS") {
            let known: Vec<_> = list.split(';').filter_map(parse).collect();
            return match known.is_empty() {
                true => Err("DBUS_SESSION_BUS_ADDRESS names no socket of this machine"),
                false => Ok(Addresses(known)),
            };
        }
        let folder = environment.get("XDG_RUNTIME_DIR").map(Path::new).filter(|folder| folder.is_absolute());
        match folder.map(|folder| folder.join("bus")) {
            Some(socket) if socket.exists() => Ok(Addresses(vec![Address::Path(socket)])),
            _ => Err("there is no session bus"),
        }
    }
}

/// One address of a list; nothing where it is of another kind than sockets of this machine.
fn parse(address: &str) -> Option<Address> {
    let mut pairs = address.strip_prefix("unix:")?.split(',').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(name, value)| {
        let value = unescaped(value)?;
        match name {
            "path" => Some(Address::Path(bytes_as_path(value)?)),
            "abstract" => Some(Address::Abstract(value)),
            _ => None,
        }
    })
}

fn bytes_as_path(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes))).filter(|path| path.is_absolute())
}

/// A value without its escapes: `%` and two digits.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Vec<Address>, &'static str> {
        Addresses::of(&pairs.iter().copied().collect()).map(|addresses| addresses.0)
    }

    fn path(path: &str) -> Address {
        Address::Path(path.into())
    }

    #[test]
    fn what_the_variable_names() {
        let named = |list| of(&[("DBUS_SESSION_BUS_ADDRESS", list), ("XDG_RUNTIME_DIR", "/nowhere")]);
        assert_eq!(named("unix:path=/run/user/1000/bus").unwrap(), [path("/run/user/1000/bus")]);
        assert_eq!(
            named("unix:guid=ab,path=/a%20b;tcp:host=localhost,port=1;unix:abstract=/tmp/x,guid=f").unwrap(),
            [path("/a b"), Address::Abstract(b"/tmp/x".to_vec())]
        );
        for none in [
            "unixexec:path=/bin/sh",
            "autolaunch:",
            "tcp:host=example.org,port=1",
            "unix:path=here",
            "%",
            "unix:path=/%g1",
            "unix:path=/%é",
        ] {
            assert!(named(none).is_err(), "{none}");
        }
    }

    #[test]
    fn what_lies_in_the_runtime_folder() {
        let folder = crate::files::tests::Folder::new("bus");
        let name = folder.path().to_str().unwrap();
        assert!(of(&[("XDG_RUNTIME_DIR", name)]).is_err());
        std::fs::write(folder.path().join("bus"), "").unwrap();
        assert_eq!(of(&[("XDG_RUNTIME_DIR", name)]).unwrap(), [Address::Path(folder.path().join("bus"))]);
        assert!(of(&[]).is_err());
        assert!(of(&[("XDG_RUNTIME_DIR", "relative")]).is_err());
    }
}
