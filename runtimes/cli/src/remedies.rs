//! What to do next in the command's words: its options, where the library names what stands behind them.

use crate::args::AuthorityArgs;

/// What the library says, and what says the same here.
const PHRASES: [(&str, &str); 15] = [
    ("with CredentialAssertion::for_scope", "with --assertion-scope"),
    ("allow it more time with `within`", "allow it more time: --timeout SECONDS"),
    ("disable instance discovery", "--disable-instance-discovery"),
    ("sign in, keeping the account", "run `entrada login`"),
    ("sign in again, keeping the account", "run `entrada login` again"),
    (
        "sign in with that account, or name another",
        "run `entrada login` with that account, or name another with --username",
    ),
    ("name one of them: ", "name one of them with --username: "),
    (
        "give the password of the file",
        "give the password of the file with --certificate-password-file or AZURE_CLIENT_CERTIFICATE_PASSWORD",
    ),
    (
        "give the app a client secret, a certificate or an assertion",
        "prove the app with --client-secret-file, --certificate or --assertion-file",
    ),
    (
        "wait for the code again where it was kept; else start again, with more time",
        "start again, with more time: --timeout SECONDS",
    ),
    (
        "for any tenant, to the additionally allowed tenants of the credential",
        "for any tenant, with --additionally-allowed-tenant",
    ),
    ("allow it to answer for that person", "leave out --refuse-to-guess and --expect-identity app"),
    ("name a managed identity by its client id", "name a managed identity with --identity client-id:ID"),
    ("name the identity by its client id", "name the identity with --identity client-id:ID"),
    (
        "name one by client id, object id or resource id",
        "name one with --identity client-id:ID, object-id:ID or resource-id:ID",
    ),
];

/// Where the authority's address is looked for.
const LOOKED_AT: [&str; 3] =
    ["check AZURE_AUTHORITY_HOST", "what answers at AZURE_AUTHORITY_HOST", "whether AZURE_AUTHORITY_HOST"];

/// What the library calls the trust in a host.
const TRUSTING: &str = "trusting_federation(";

/// How this command line was given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Remedies {
    /// An option names the authority, and not the variable.
    authority: bool,
}

impl Remedies {
    pub(crate) fn of(args: &AuthorityArgs) -> Remedies {
        Remedies { authority: args.authority.is_some() }
    }

    /// This, in the command's words.
    pub(crate) fn told(self, remedy: &str) -> String {
        let mut text = remedy.to_owned();
        for (library, command) in PHRASES {
            text = text.replace(library, command);
        }
        for phrase in LOOKED_AT.into_iter().filter(|_| self.authority) {
            text = text.replace(phrase, &phrase.replace("AZURE_AUTHORITY_HOST", "--authority"));
        }
        let trusted = text.split_once(TRUSTING).and_then(|(before, rest)| {
            let (host, after) = rest.strip_prefix('"')?.split_once("\")")?;
            Some(format!("{before}--trust-federation {host}{after}"))
        });
        trusted.unwrap_or(text)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use entrada_core::{AdditionalTenants, EntraClient, OnBehalfOfCredential, Tenant};

    use super::*;

    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => sources(&entry.path(), all),
                false => all.push_str(&std::fs::read_to_string(entry.path()).unwrap()),
            }
        }
    }

    #[test]
    fn what_the_library_says_is_what_is_put_in_other_words() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut all = String::new();
        sources(&root.join("core/src"), &mut all);
        sources(&root.join("runtimes/host/src"), &mut all);
        for phrase in PHRASES.iter().map(|(library, _)| *library).chain(LOOKED_AT).chain([TRUSTING]) {
            assert!(all.contains(phrase), "nobody says {phrase:?} any more");
        }
    }

    #[test]
    fn options_stand_for_functions() {
        let (ours, other) = (Tenant::new("contoso.com").unwrap(), Tenant::new("fabrikam.com").unwrap());
        let error = AdditionalTenants::default().resolve(&ours, Some(&other)).unwrap_err();
        let told = Remedies::default().told(error.remedy().unwrap());
        assert_eq!(told, "add fabrikam.com, or \"*\" for any tenant, with --additionally-allowed-tenant");

        let app = EntraClient::new("contoso.com", "11111111-1111-1111-1111-111111111111").unwrap();
        let error = OnBehalfOfCredential::of(app, "e30.e30.x").unwrap_err();
        let told = Remedies::default().told(error.remedy().unwrap());
        assert_eq!(told, "prove the app with --client-secret-file, --certificate or --assertion-file");

        assert_eq!(
            Remedies::default()
                .told("run `x` yourself to see what it does, or allow it more time with `within`"),
            "run `x` yourself to see what it does, or allow it more time: --timeout SECONDS"
        );

        let federated =
            "trust it by name: trusting_federation(\"sts.contoso.com:8443\"); else use another way";
        assert_eq!(
            Remedies::default().told(federated),
            "trust it by name: --trust-federation sts.contoso.com:8443; else use another way"
        );
        let host = "check AZURE_AUTHORITY_HOST; for a private cloud: disable instance discovery";
        let (variable, option) = (Remedies::default(), Remedies { authority: true });
        let said = |whose: &str| format!("check {whose}; for a private cloud: --disable-instance-discovery");
        assert_eq!(variable.told(host), said("AZURE_AUTHORITY_HOST"));
        assert_eq!(option.told(host), said("--authority"));
    }
}
