//! A password that was not taken.

use crate::error::{Error, ErrorKind};

/// What to do about one.
pub(super) const REMEDY: &str = "check both and enter them again; too many tries lock the account";

/// What came of a password. A grant that is not valid, and nothing said besides, is one that was not taken
/// (RFC 6749 section 5.2): an AD FS and other providers have no numbers of Entra's, by which a wrong password is
/// told from a demand for a person. That is no demand, and the same password is refused again.
pub(super) fn explained(error: Error) -> Error {
    let says_nothing = error.code() == Some("invalid_grant")
        && error.aadsts().is_empty()
        && error.suberror().is_none()
        && error.claims().is_none();
    match error.kind() {
        ErrorKind::InteractionRequired if says_nothing => error
            .as_kind(ErrorKind::Refused)
            .adding("it did not take the user name and the password")
            .with_remedy(REMEDY),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Claims;
    use crate::error::Suberror;

    #[test]
    fn only_what_nobody_explains_is_a_wrong_password() {
        let error = || Error::new(ErrorKind::InteractionRequired, "no").with_code(Some("invalid_grant"));
        let wrong = explained(error());
        assert_eq!((wrong.kind(), wrong.remedy()), (ErrorKind::Refused, Some(REMEDY)));
        let claims = Claims::from_json(r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#);
        for other in [
            error().with_aadsts(vec![50_076]),
            error().with_suberror(Suberror::named("basic_action")),
            error().with_claims(claims.ok()),
            error().with_code(Some("interaction_required")),
        ] {
            assert_eq!(explained(other).kind(), ErrorKind::InteractionRequired);
        }
        assert_eq!(explained(error().as_kind(ErrorKind::Service)).kind(), ErrorKind::Service);
    }
}
