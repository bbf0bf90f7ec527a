//! `entrada token`.

use entrada_core::claims::Claims;
use entrada_core::{Cloud, Tenant, TokenRequest};

use crate::args::{TokenArgs, TokenOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::ui::say;
use crate::{credentials, output, usage};

pub(crate) fn run(setup: &Setup, args: &TokenArgs) -> Result<(), Failure> {
    let request = request(args)?;
    credentials::reject_request(setup, args)?;
    warn_of_slashes(&request);
    let credential = credentials::connected(setup, &args.credential, args.subscription.as_deref())?;
    let token = credential.get_token(&request)?;
    output::print(&match args.output {
        TokenOutput::Json => output::json(&token, &request),
        TokenOutput::Raw => output::raw(&token),
        TokenOutput::Header => output::header(&token),
        TokenOutput::Env => output::env(&token),
        TokenOutput::Kubernetes => output::kubernetes(&token, &setup.environment),
    })?;
    Ok(())
}

/// With two slashes the audience ends in one, and whoever compares it exactly refuses the token.
fn warn_of_slashes(request: &TokenRequest) {
    let known = Cloud::ALL.into_iter().filter_map(|cloud| cloud.machine_learning);
    for audience in known.filter(|known| request.scopes().iter().any(|it| it == format!("{known}//.default")))
    {
        say(&format!(
            "warning: Azure Machine Learning refuses tokens for {audience}/ with a slash at the end; ask for {audience}/.default"
        ));
    }
}

fn request(args: &TokenArgs) -> Result<TokenRequest, Failure> {
    let scopes = args
        .target
        .scopes()?
        .ok_or_else(|| usage("say what the token is for: --scope SCOPE or --resource RESOURCE"))?;
    let mut request = TokenRequest::for_scopes(scopes);
    if let Some(tenant) = &args.request_tenant {
        request = request.in_tenant(Tenant::new(tenant)?);
    }
    if let Some(claims) = &args.claims {
        request = request.with_claims(Claims::from_json(claims)?);
    }
    Ok(if args.credential.enable_cae { request.with_cae() } else { request })
}
