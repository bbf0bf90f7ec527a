//! `entrada rest`.

use std::path::Path;

use entrada_core::call::{LongRunning, Operation, Pages};
use entrada_core::exchange::Answer;
use entrada_core::{Error, ErrorKind, SecretBytes};
use serde_json::Value;

use crate::args::{RestArgs, RestOutput};
use crate::failure::Failure;
use crate::setup::Setup;
use crate::{credentials, output, usage};

/// The most that is read of a document, in bytes.
const MOST: usize = 4 << 20;

pub(crate) fn run(setup: &Setup, args: &RestArgs) -> Result<(), Failure> {
    let audiences = setup.audiences(&args.credential.authority)?;
    let address = match args.url.starts_with('/') {
        true => {
            let manager = setup.resource_manager(&args.credential.authority)?;
            format!("{}{}", manager.endpoint().url().as_str().trim_end_matches('/'), args.url)
        }
        false => args.url.clone(),
    };
    let operation = Operation::of_method(&args.method, Vec::<String>::new(), "the request")
        .ok_or_else(|| usage("the method is GET, PUT, POST, PATCH or DELETE"))?;
    let operation = match &args.body {
        Some(body) => operation.body(document(setup, body)?),
        None => operation,
    };
    let is_get = args.method.eq_ignore_ascii_case("GET");
    if args.all_pages && !is_get {
        return Err(usage("--all-pages reads a list: it goes with GET"));
    }
    let service = audiences.service(&address)?;
    let service = if args.credential.enable_cae { service.with_cae() } else { service };
    let call = service.call_at(&address, &operation)?;
    let credential = credentials::connected(setup, &args.credential, None)?;
    if args.all_pages {
        let items = Value::Array(credential.call(Box::new(Pages::new(call)))?);
        let text = if args.output == RestOutput::Json { format!("{items:#}") } else { items.to_string() };
        return Ok(output::print(&text)?);
    }
    let answer = match args.wait {
        true => credential.call(Box::new(LongRunning::new(call)))?,
        false => credential.call(Box::new(call))?,
    };
    print(&answer, args.output)
}

fn print(answer: &Answer, how: RestOutput) -> Result<(), Failure> {
    if answer.body().is_empty() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(answer.body());
    let laid_out = match how {
        RestOutput::Json => {
            serde_json::from_slice::<Value>(answer.body()).ok().map(|value| format!("{value:#}"))
        }
        RestOutput::Raw => None,
    };
    Ok(output::print(laid_out.as_deref().unwrap_or(text.trim_end_matches('\n')))?)
}

/// The document that an option gives, which has to be JSON.
fn document(setup: &Setup, given: &str) -> Result<SecretBytes, Error> {
    let unreadable = |why: String| Error::new(ErrorKind::Configuration, format!("the body {why}"));
    let bytes = match given.strip_prefix('@') {
        _ if given == "-" => setup.standard_input("the body", MOST)?,
        Some("-") => setup.standard_input("the body", MOST)?,
        Some(file) => {
            let read = entrada_host::files::read(Path::new(file), MOST, setup.limit(false));
            read.map_err(|failure| unreadable(format!("cannot be read from {file}: {failure}")))?.bytes
        }
        None => SecretBytes::new(given),
    };
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes.expose()) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(unreadable(format!("is not JSON: see line {line}, column {column}")))
        }
    }
}
