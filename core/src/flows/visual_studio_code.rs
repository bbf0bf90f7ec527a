//! Visual Studio Code: whoever is signed in to Azure in the editor.
//!
//! The Azure Resources extension leaves a record of who signed in, and no token: those are with the broker of
//! the operating system (Web Account Manager), which this library does not speak to. So the record is read
//! and checked, and what comes of it is that a broker is needed.

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::cache::accounts::AuthenticationRecord;
use crate::effect::{FileFailure, Reply};
use crate::environment::{Environment, System};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::token::AccessToken;

const NAME: &str = "visual-studio-code";

/// The app of Visual Studio Code: the record of any other is not one of the editor's.
pub const VISUAL_STUDIO_CODE_CLIENT_ID: &str = "aebc6443-996d-45c2-90f0-388ff96faa56";

/// Where the extension leaves its record, below the person's folder: it has been written in both ways.
const FOLDERS: [&str; 2] = [".azure", ".Azure"];
const FILE: [&str; 2] = ["ms-azuretools.vscode-azureresourcegroups", "authRecord.json"];

/// The longest record, in bytes.
const LONGEST: usize = 10 * 1024;

/// Whoever is signed in to Azure in Visual Studio Code.
///
/// It never gives a token, since only a broker could: it is "not available", and its error says whether
/// anybody is signed in there. [`VisualStudioCodeCredential::record`] tells who, for instance as a hint for a
/// sign-in in the browser.
///
/// ```
/// use entrada_core::Environment;
/// use entrada_core::flows::visual_studio_code::VisualStudioCodeCredential;
///
/// let environment = Environment::new().with("HOME", "/home/ada"); // a driver reads that of the process
/// // A driver runs this flow; what it gives has the name to sign in with.
/// let who = VisualStudioCodeCredential::new(&environment).record();
/// ```
#[derive(Clone, Debug)]
pub struct VisualStudioCodeCredential {
    places: Vec<PathBuf>,
}

impl VisualStudioCodeCredential {
    /// The account in the editor of the person whose environment this is: `HOME`, on Windows `USERPROFILE`.
    #[must_use]
    pub fn new(environment: &Environment) -> VisualStudioCodeCredential {
        // To Windows both ways of writing are one.
        let (variable, separator, ends, ways) = match environment.system() {
            System::Windows => ("USERPROFILE", '\\', &['\\', '/'][..], 1),
            _ => ("HOME", '/', &['/'][..], 2),
        };
        let place = |home: &str, folder: &str| {
            let home = home.trim_end_matches(ends);
            PathBuf::from([home, folder, FILE[0], FILE[1]].join(&separator.to_string()))
        };
        let home = environment.get(variable).into_iter();
        let places = home.flat_map(|home| FOLDERS.iter().take(ways).map(move |folder| place(home, folder)));
        VisualStudioCodeCredential { places: places.collect() }
    }

    /// The flow that reads who is signed in to Azure in the editor.
    ///
    /// It ends in `Unavailable` where nobody is, or the record is not one of the editor's.
    #[must_use]
    pub fn record(&self) -> BoxFlow<AuthenticationRecord> {
        Box::new(Reading { places: self.places.iter().cloned().collect(), begun: false })
    }
}

impl Credential for VisualStudioCodeCredential {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
        flow::map(self.record(), |record| Err(needs_a_broker(&record)))
    }
}

fn needs_a_broker(record: &AuthenticationRecord) -> Error {
    let name = Some(&record.username)
        .filter(|name| name.chars().all(|c| c.is_alphanumeric() || "@._-+#".contains(c)));
    let who = name.map(|name| format!(" as {name}")).unwrap_or_default();
    Error::new(
        ErrorKind::Unavailable,
        "somebody is signed in to Visual Studio Code, whose tokens only a broker of the operating system gives out",
    )
    .with_remedy(format!("this library speaks to no broker: run `az login`, or sign in in the browser{who}"))
    .from_source(NAME)
}

/// Looks for the record.
#[derive(Debug)]
struct Reading {
    places: VecDeque<PathBuf>,
    begun: bool,
}

impl Reading {
    fn next(&mut self, cx: &mut Cx<'_>) -> Step<AuthenticationRecord> {
        match self.places.pop_front() {
            Some(place) => cx.read_file(place, LONGEST),
            None => Step::Done(Err(Error::new(
                ErrorKind::Unavailable,
                "nobody is signed in to Azure in Visual Studio Code",
            )
            .with_remedy(
                "use another credential: even then it would need a broker of the operating system",
            ))),
        }
    }

    fn advance(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AuthenticationRecord> {
        if !std::mem::replace(&mut self.begun, true) {
            return self.next(cx);
        }
        match crate::check!(expect(reply)).file() {
            Ok(contents) => Step::Done(parse(contents.bytes.expose()).map_err(|why| unusable(&why))),
            Err(FileFailure::NotFound | FileFailure::Hidden) => self.next(cx),
            Err(FileFailure::TooLarge) => Step::Done(Err(unusable("it is longer than any can be"))),
            Err(FileFailure::Mismatch) => {
                Step::Done(Err(Error::new(ErrorKind::Misuse, FileFailure::Mismatch.to_string())))
            }
            Err(failure) => Step::Done(Err(unusable(&failure.to_string()))),
        }
    }
}

impl Flow for Reading {
    type Output = AuthenticationRecord;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AuthenticationRecord> {
        match self.advance(cx, reply) {
            Step::Done(result) => Step::Done(result.map_err(|error| error.from_source(NAME))),
            step => step,
        }
    }
}

fn parse(bytes: &[u8]) -> Result<AuthenticationRecord, String> {
    let record =
        AuthenticationRecord::from_json(&String::from_utf8_lossy(bytes)).map_err(|error| error.message())?;
    match record.client_id.eq_ignore_ascii_case(VISUAL_STUDIO_CODE_CLIENT_ID) {
        true => Ok(record),
        false => Err("it is the record of another app".to_owned()),
    }
}

fn unusable(why: &str) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        format!("the record of who is signed in to Visual Studio Code cannot be used: {why}"),
    )
    .with_remedy("sign in to Azure in Visual Studio Code again, or use another credential")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{Effect, FileContents};
    use crate::flow::Entropy;
    use crate::run::Run;
    use crate::time::Now;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&mut self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn record(client: &str) -> String {
        format!(
            r#"{{"username":"jo@contoso.com","authority":"login.microsoftonline.com","homeAccountId":"u.t",
                "tenantId":"t","clientId":"{client}","datetime":"later"}}"#
        )
    }

    /// What comes of it where these files are; which were looked for.
    fn ask(environment: Environment, files: &[(&str, Result<&str, FileFailure>)]) -> (Error, Vec<String>) {
        let credential = VisualStudioCodeCredential::new(&environment);
        let request = TokenRequest::new(["https://management.azure.com/.default"]).unwrap();
        let mut run = Run::new(credential.begin(&request));
        let mut looked = Vec::new();
        let mut step = run.start(Now::default(), &mut Fixed);
        loop {
            match step {
                Step::Done(result) => return (result.unwrap_err(), looked),
                Step::Do(Effect::ReadFile(read)) => {
                    assert_eq!(read.limit(), LONGEST);
                    let (path, ticket) = read.split();
                    let name = path.display().to_string();
                    let found = files.iter().find(|(file, _)| *file == name);
                    let result = found.map_or(Err(FileFailure::NotFound), |(_, result)| result.clone());
                    looked.push(name);
                    let contents =
                        |text: &str| FileContents { bytes: text.as_bytes().to_vec().into(), resolved: path };
                    step = run.resume(Now::default(), &mut Fixed, ticket.reply(result.map(contents)));
                }
                Step::Do(other) => panic!("{other:?}"),
            }
        }
    }

    fn home() -> Environment {
        Environment::new().on(System::Linux).with("HOME", "/home/jo/")
    }

    const LOWER: &str = "/home/jo/.azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json";
    const UPPER: &str = "/home/jo/.Azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json";
    const WINDOWS: &str = r"C:\Users\jo\.azure\ms-azuretools.vscode-azureresourcegroups\authRecord.json";

    #[test]
    fn where_it_is_looked_for() {
        let good = record(VISUAL_STUDIO_CODE_CLIENT_ID);
        let windows = Environment::new().on(System::Windows).with("USERPROFILE", r"C:\Users\jo");
        for (environment, file, looked) in
            [(home(), LOWER, &[LOWER][..]), (home(), UPPER, &[LOWER, UPPER]), (windows, WINDOWS, &[WINDOWS])]
        {
            let (error, asked) = ask(environment, &[(file, Ok(&good))]);
            assert_eq!(asked, looked);
            assert!(error.is_unavailable());
            assert!(
                error.message().starts_with("visual-studio-code: ") && error.message().contains("broker")
            );
            assert!(error.remedy().unwrap().contains("jo@contoso.com"), "{error}");
            assert!(!error.to_string().trim_end().contains("\n\n"));
        }
        let (error, asked) = ask(home(), &[]);
        assert_eq!((error.kind(), asked.len()), (ErrorKind::Unavailable, 2));
        assert!(error.message().contains("nobody is signed in"), "{error}");
        // Nobody's home is nobody's editor.
        let (error, asked) = ask(Environment::new().on(System::Linux), &[]);
        assert!(error.is_unavailable() && asked.is_empty());
    }

    #[test]
    fn a_record_that_is_none_is_said_to_be_so() {
        let other = record("04b07795-8ddb-461a-bbee-02f9e1bf7b46");
        let tenant = record(VISUAL_STUDIO_CODE_CLIENT_ID).replace(r#""t""#, r#""../t""#);
        let odd = record(VISUAL_STUDIO_CODE_CLIENT_ID).replace("jo@", "jo\\n`rm`@");
        for (contents, said) in [
            (Ok("{}"), "is not JSON with"),
            (Ok(other.as_str()), "another app"),
            (Ok(tenant.as_str()), "tenantId"),
            (Err(FileFailure::TooLarge), "longer"),
            (Err(FileFailure::Denied), "may not read"),
            (Ok(odd.as_str()), "broker"),
        ] {
            let (error, _) = ask(home(), &[(LOWER, contents)]);
            assert!(error.is_unavailable() && error.message().contains(said), "{said}: {error}");
            assert!(error.remedy().is_some() && !error.to_string().contains("rm"), "{error}");
        }
        let (error, _) = ask(home(), &[(LOWER, Err(FileFailure::Mismatch))]);
        assert_eq!(error.kind(), ErrorKind::Misuse);
    }
}
