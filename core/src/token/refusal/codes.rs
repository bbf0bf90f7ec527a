//! The `error` codes (RFC 6749 section 5.2), and what they have in common.

/// The error codes that are known. Others are not shown, since they are server text.
pub(super) const CODES: [&str; 24] = [
    "access_denied",
    "authorization_declined",
    "authorization_pending",
    "bad_verification_code",
    "code_expired",
    "consent_required",
    "expired_token",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_instance",
    "invalid_request",
    "invalid_resource",
    "invalid_scope",
    "invalid_target",
    "invalid_tenant",
    "login_required",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "user_canceled",
];

/// Those of the hosts of managed identities alone: first the metadata service's, then Service Fabric's and Cloud Shell's.
const OF_HOSTS: [&str; 10] = [
    "bad_request_102",
    "identity_not_found",
    "not_found",
    "unknown_source",
    "ArgumentNullOrEmpty",
    "AudienceNotSupported",
    "InternalServerError",
    "InvalidApiVersion",
    "ManagedIdentityNotFound",
    "SecretHeaderNotFound",
];

/// Those that demand a person (OpenID Connect Core section 3.1.2.6).
pub(super) const DEMANDS: [&str; 3] = ["interaction_required", "login_required", "consent_required"];

/// Those after which the same request is refused again (RFC 6749 section 5.2; OpenID Connect Core section 3.1.2.6).
pub(super) const FINAL: [&str; 10] = [
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_resource",
    "invalid_scope",
    "invalid_target",
    "login_required",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// The code of this text, if it is one that is known.
pub(super) fn known_code(code: &str) -> Option<&'static str> {
    CODES.into_iter().chain(OF_HOSTS).find(|known| known.eq_ignore_ascii_case(code))
}
