//! Regional endpoints (ESTS-R): tokens of an app from the region where it runs.

use std::time::Duration;

use http::header::HeaderName;

use crate::cloud::Cloud;
use crate::effect::Reply;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Exchange, RequestSpec, RetryPolicy};
use crate::flow::{Cx, Flow};
use crate::memo::Memo;
use crate::run::Step;

/// Where the region of a machine is told.
const INSTANCE: &str = "http://169.254.169.254/metadata/instance/compute";
const API_VERSION: &str = "2021-02-01";
/// How long it is waited for.
const LIMIT: Duration = Duration::from_secs(2);

/// The region whose endpoint an app's tokens are asked of.
///
/// Entra serves this to Microsoft's own apps and to those it has allowed; others are refused with
/// AADSTS100007. It is off unless asked for, and only tokens of an app for itself are asked there.
#[derive(Clone, Debug)]
pub struct Region(Choice);

#[derive(Clone, Debug)]
enum Choice {
    Named(String),
    /// That of the machine: what was found, once somebody looked; nothing, if there is nothing to find.
    Detected(Memo<Option<String>>),
}

impl Region {
    /// The region of this name, such as `westeurope`.
    ///
    /// # Errors
    /// `Configuration` when it cannot be the name of one: it becomes part of a host's name.
    pub fn named(name: &str) -> Result<Region, Error> {
        match valid(name) {
            Some(name) => Ok(Region(Choice::Named(name))),
            None => {
                Err(Error::new(ErrorKind::Configuration, "the region is not the name of an Azure region")
                    .with_remedy("use its short name, such as westeurope"))
            }
        }
    }

    /// The region of the machine: `REGION_NAME`, which App Service sets, else what the Instance Metadata
    /// Service tells within two seconds. Where neither tells, the global endpoint is asked.
    #[must_use]
    pub fn detected(environment: &Environment) -> Region {
        match environment.get("REGION_NAME").and_then(|name| valid(&name.replace(' ', ""))) {
            Some(name) => Region(Choice::Named(name)),
            None => Region(Choice::Detected(Memo::default())),
        }
    }

    /// What `AZURE_REGIONAL_AUTHORITY_NAME`, else `MSAL_FORCE_REGION`, asks for: a region, or its detection
    /// (`TryAutoDetect`, `AutoDiscoverRegion`, `true`); nothing where neither is set or the value cannot be
    /// one. The first of them set to `DisableMsalForceRegion` or `false` asks for none, whatever the second
    /// says; a program says so with [`EntraClient::in_no_region`](crate::EntraClient::in_no_region).
    #[must_use]
    pub fn from_environment(environment: &Environment) -> Option<Region> {
        Region::asked_for(environment)?.1.ok().flatten()
    }

    /// The variable that [`Region::from_environment`] passes over, since its value cannot be a region: whoever set
    /// it is to be warned that the global endpoint is asked.
    #[must_use]
    pub fn passed_over(environment: &Environment) -> Option<&'static str> {
        let (name, asked) = Region::asked_for(environment)?;
        asked.err().map(|_| name)
    }

    /// The variable that decides, and what it asks for.
    fn asked_for(environment: &Environment) -> Option<(&'static str, Result<Option<Region>, Error>)> {
        let names = ["AZURE_REGIONAL_AUTHORITY_NAME", "MSAL_FORCE_REGION"];
        let (name, value) = names.into_iter().find_map(|name| Some((name, environment.get(name)?)))?;
        let is_one_of = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
        let asked = match () {
            () if is_one_of(&["disablemsalforceregion", "false"]) => Ok(None),
            () if is_one_of(&["tryautodetect", "autodiscoverregion", "true"]) => {
                Ok(Some(Region::detected(environment)))
            }
            () => Region::named(value).map(Some),
        };
        Some((name, asked))
    }

    /// The region's name; `None` while nobody has looked.
    pub(crate) fn known(&self) -> Option<Option<String>> {
        match &self.0 {
            Choice::Named(name) => Some(Some(name.clone())),
            Choice::Detected(memo) => memo.get(),
        }
    }

    /// The address that takes the place of this one in the region.
    pub(crate) fn of(name: &str, central: &Endpoint) -> Endpoint {
        let public = Cloud::of_authority(central.host()).ok().flatten() == Some(Cloud::PUBLIC);
        let host = if public { "login.microsoft.com" } else { central.host() };
        central.at_host(&format!("{name}.{host}")).unwrap_or_else(|| central.clone())
    }
}

/// A name that may stand in a host's.
fn valid(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fit = name.len() <= 63
        && name.bytes().all(legal)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-');
    fit.then_some(name)
}

/// Asks the machine for its region. It never fails: where nobody answers there is none.
#[derive(Debug)]
pub(crate) struct DetectRegion {
    region: Region,
    exchange: Option<Box<Exchange>>,
}

impl DetectRegion {
    pub(crate) fn of(region: &Region) -> DetectRegion {
        DetectRegion { region: region.clone(), exchange: None }
    }

    fn ask() -> Result<Exchange, Error> {
        let target = Endpoint::local(INSTANCE)?.with_query([("api-version", API_VERSION)]);
        let spec = RequestSpec::get(target, "the region of this machine")
            .header(HeaderName::from_static("metadata"), "true")
            .limits(LIMIT, LIMIT);
        Ok(Exchange::new(spec, RetryPolicy::NEVER))
    }
}

impl Flow for DetectRegion {
    type Output = ();

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<()> {
        let step = match &mut self.exchange {
            None if self.region.known().is_some() => return Step::Done(Ok(())),
            None => self.exchange.insert(Box::new(crate::check!(DetectRegion::ask()))).step(cx, None),
            Some(exchange) => exchange.step(cx, reply),
        };
        match step {
            Step::Do(effect) => Step::Do(effect),
            Step::Done(Err(error)) if matches!(error.kind(), ErrorKind::Misuse) => Step::Done(Err(error)),
            Step::Done(answer) => {
                if let Choice::Detected(memo) = &self.region.0 {
                    memo.set(answer.ok().as_ref().and_then(location));
                }
                Step::Done(Ok(()))
            }
        }
    }
}

fn location(answer: &Answer) -> Option<String> {
    let document = answer.object().filter(|_| answer.status() == 200)?;
    valid(document.get("location")?.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::PlainHttp;

    #[test]
    fn names_and_hosts() {
        for bad in ["", "west europe", "evil.example/", "-a", "a-", "1a", "a_b", "é", "a@b"] {
            assert!(Region::named(bad).is_err(), "{bad}");
        }
        let at = |address: &str| {
            let central = Endpoint::authority(address, PlainHttp::Refused).unwrap();
            Region::of("westeurope", &central).url().to_string()
        };
        assert_eq!(at("https://login.windows.net/t"), "https://westeurope.login.microsoft.com/t");
        assert_eq!(at("https://login.microsoftonline.us/t"), "https://westeurope.login.microsoftonline.us/t");
    }

    #[test]
    fn the_environment_asks_for_it() {
        let of = |name: &str, value: &str| {
            Region::from_environment(&Environment::new().with(name, value)).map(|region| region.known())
        };
        assert_eq!(
            of("AZURE_REGIONAL_AUTHORITY_NAME", " WestEurope "),
            Some(Some(Some("westeurope".into())))
        );
        assert_eq!(of("MSAL_FORCE_REGION", "eastus"), Some(Some(Some("eastus".into()))));
        assert_eq!(of("AZURE_REGIONAL_AUTHORITY_NAME", "TryAutoDetect"), Some(None));
        assert_eq!(of("AZURE_REGIONAL_AUTHORITY_NAME", "a.b"), None);
        assert_eq!(of("OTHER", "eastus"), None);
        for word in ["DisableMsalForceRegion", "FALSE"] {
            let forced = Environment::new().with("MSAL_FORCE_REGION", "eastus");
            assert!(Region::from_environment(&forced).is_some());
            let refused = forced.with("AZURE_REGIONAL_AUTHORITY_NAME", word);
            assert!(Region::from_environment(&refused).is_none(), "{word}");
            assert_eq!(Region::passed_over(&refused), None, "{word}");
        }
        for name in ["AZURE_REGIONAL_AUTHORITY_NAME", "MSAL_FORCE_REGION"] {
            assert_eq!(Region::passed_over(&Environment::new().with(name, "West Europe")), Some(name));
            assert_eq!(Region::passed_over(&Environment::new().with(name, "westeurope")), None);
        }
        let app = Environment::new().with("MSAL_FORCE_REGION", "true").with("REGION_NAME", "West Europe");
        assert_eq!(Region::from_environment(&app).unwrap().known(), Some(Some("westeurope".into())));
    }
}
