//! The least that gets a token: one POST with ureq, the reply on standard output. What the cold start
//! of `entrada token` is measured against.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(body)) = (arguments.next(), arguments.next()) else {
        return Err("bare_post URL BODY".into());
    };
    let mut response = ureq::post(&url).content_type("application/x-www-form-urlencoded").send(&body)?;
    println!("{}", response.body_mut().read_to_string()?);
    Ok(())
}
