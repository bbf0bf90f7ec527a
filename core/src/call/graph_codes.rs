//! The error codes of Microsoft Graph.

use super::code::{Code, Phrase, code, phrase};
use crate::error::ErrorKind;

const REFUSED: ErrorKind = ErrorKind::Refused;

pub(super) const PHRASES: [Phrase; 4] = [
    phrase(
        "Credential type not allowed as per assigned policy",
        "a policy of the tenant forbids this kind of credential",
        "use a certificate (--create-cert), a federated credential or a managed identity, or ask whoever administers the tenant's app management policies",
    ),
    phrase(
        "Credential lifetime exceeds the max value",
        "a policy of the tenant allows no credential that lives so long",
        "ask for a shorter life (--years 1, or less with --days)",
    ),
    phrase(
        "ServiceManagementReference field is required",
        "the tenant wants to know which service an app belongs to",
        "give --service-management-reference",
    ),
    phrase(
        "the service principal being created must in the local tenant",
        "the application is not known yet where its service principal is made",
        "try again in a minute",
    ),
];

pub(super) const CODES: [Code; 12] = [
    code(
        "Authorization_RequestDenied",
        ErrorKind::Forbidden,
        "the identity may not do this in the directory",
        "a person needs to be allowed to register apps (the role Application Developer, where members are not); an app needs the application permission Application.ReadWrite.OwnedBy of Microsoft Graph, with an administrator's consent",
    ),
    code(
        "InvalidAuthenticationToken",
        REFUSED,
        "the token is not valid here",
        "let authority and Graph endpoint be of one cloud; sign in again",
    ),
    code("Request_BadRequest", REFUSED, "the directory does not take the request", "see what it said"),
    code(
        "Request_ResourceNotFound",
        REFUSED,
        "there is no such object in the directory, or not yet",
        "check the id: an application has an application id and an object id, its service principal has an object id of its own; what was just made may take minutes to be known everywhere",
    ),
    code(
        "Request_MultipleObjectsWithSameKeyValue",
        REFUSED,
        "there is such an object in the directory already",
        "use the one that is there",
    ),
    code(
        "ObjectConflict",
        REFUSED,
        "there is such an object in the directory already",
        "use the one that is there",
    ),
    code(
        "Directory_ConcurrencyViolation",
        ErrorKind::Service,
        "the directory was changing the object for somebody else",
        "try again",
    ),
    code(
        "Directory_QuotaExceeded",
        REFUSED,
        "the identity has made as many objects as it may",
        "delete apps that nobody needs, also among the deleted ones, or let an administrator make this one",
    ),
    code(
        "CredentialInvalidLifetimeAsPerAppPolicy",
        REFUSED,
        "a policy of the tenant allows no credential that lives so long",
        "ask for a shorter life (--years 1, or less with --days)",
    ),
    code(
        "KeyCredentialsInvalidEndDate",
        REFUSED,
        "the life of the credential goes beyond that of its certificate",
        "use a certificate that is valid for longer",
    ),
    code("TooManyRequests", ErrorKind::Service, "too many requests were made", "wait, and ask less often"),
    code("ServiceUnavailable", ErrorKind::Service, "the service is not available", "try again later"),
];
