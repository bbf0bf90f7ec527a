//! The error codes of Azure Resource Manager.

use super::code::{Code, Phrase, code, phrase};
use crate::error::ErrorKind;

const REFUSED: ErrorKind = ErrorKind::Refused;
const FORBIDDEN: ErrorKind = ErrorKind::Forbidden;

/// What only the message tells. A private workspace refuses from outside: that is the network, not a role.
pub(super) const PHRASES: [Phrase; 3] = [
    phrase(
        "private link configuration",
        "the workspace is reached through a private endpoint only",
        "connect from a network that has the private endpoint",
    ),
    phrase(
        "is not authorized to perform this operation using this permission",
        "the identity has no role on the data of the storage account",
        STORAGE,
    ),
    phrase(
        ") does not have permissions for ",
        "the identity has no role in the workspace that allows this",
        "assign a role in the workspace to it: Reader to read, AzureML Data Scientist to work; a new role may take 10 minutes",
    ),
];

/// Roles on a resource say nothing of the data in it.
const STORAGE: &str = "assign Storage Blob Data Contributor to the identity on the storage account (Storage Blob Data Reader is enough to read); neither Contributor nor Owner is a role on its data";

pub(super) const CODES: [Code; 26] = [
    code(
        "InvalidAuthenticationTokenTenant",
        REFUSED,
        "the token is of another tenant than the subscription",
        "sign in to the tenant of the subscription",
    ),
    code(
        "InvalidAuthenticationTokenAudience",
        REFUSED,
        "the token is for another service or another cloud",
        "let authority, ARM endpoint and scope be of one cloud",
    ),
    code(
        "InvalidAuthenticationToken",
        REFUSED,
        "the token is not valid here",
        "let authority and ARM endpoint be of one cloud; sign in again",
    ),
    code("ExpiredAuthenticationToken", REFUSED, "the token has expired", "check the clock of this machine"),
    code("AuthenticationFailed", REFUSED, "the token was not accepted", "sign in again"),
    code(
        "AuthorizationFailed",
        FORBIDDEN,
        "the identity has no role that allows this, or the scope does not exist",
        "assign a role to the identity (Reader is enough to open a workspace; AzureML Data Scientist to work in it), check the names, and allow up to 10 minutes for a new role",
    ),
    code(
        "LinkedAuthorizationFailed",
        FORBIDDEN,
        "the identity lacks a role on a linked resource",
        "assign a role on the linked resource too",
    ),
    code(
        "RequestDisallowedByPolicy",
        FORBIDDEN,
        "an Azure Policy forbids it",
        "ask whoever administers the policies",
    ),
    code(
        "AuthorizationPermissionMismatch",
        FORBIDDEN,
        "the identity has no role on the data of the storage account",
        STORAGE,
    ),
    code(
        "ResourceNotFound",
        REFUSED,
        "there is no such resource",
        "check its name, and the workspace, group and subscription that it is looked for in",
    ),
    code(
        "ResourceGroupNotFound",
        REFUSED,
        "there is no such resource group",
        "check the name of the resource group",
    ),
    code(
        "SubscriptionNotFound",
        REFUSED,
        "the subscription is not known in this tenant",
        "check the subscription id, and that the token is of the tenant the subscription belongs to",
    ),
    code(
        "InvalidSubscriptionId",
        REFUSED,
        "the subscription id is not one",
        "use the GUID of the subscription",
    ),
    code(
        "MissingSubscriptionRegistration",
        REFUSED,
        "the subscription is not registered for the service",
        "let an owner of the subscription register the provider that the message names: `az provider register --namespace NAME`",
    ),
    code(
        "InvalidApiVersionParameter",
        REFUSED,
        "the api-version is not supported there",
        "choose another api-version",
    ),
    code(
        "MissingApiVersionParameter",
        REFUSED,
        "the api-version is missing",
        "add api-version=… to the address's query",
    ),
    code(
        "NoRegisteredProviderFound",
        REFUSED,
        "the api-version or the location is not supported there",
        "choose another api-version",
    ),
    code(
        "SubscriptionRequestsThrottled",
        ErrorKind::Service,
        "the subscription makes too many requests",
        "wait, and ask less often",
    ),
    code("TooManyRequests", ErrorKind::Service, "too many requests were made", "wait, and ask less often"),
    code(
        "PrincipalNotFound",
        REFUSED,
        "the principal is not known in the directory, or not yet",
        "check that it is the object id of the service principal or user (not the application id, nor the id of the app registration); one that was just made may take minutes to be known everywhere",
    ),
    code(
        "UnmatchedPrincipalType",
        REFUSED,
        "the principal is of another type than was said",
        "say what it is (--assignee-principal-type ServicePrincipal, User or Group), or leave that out",
    ),
    code("RoleAssignmentExists", REFUSED, "the role is assigned already", "nothing has to be done"),
    code(
        "RoleAssignmentUpdateNotPermitted",
        REFUSED,
        "an assignment of this name exists for another principal, role or scope",
        "remove that assignment first",
    ),
    code(
        "RoleAssignmentLimitExceeded",
        REFUSED,
        "the subscription has as many role assignments as it can have",
        "remove assignments that nobody needs, or assign to groups",
    ),
    code(
        "RoleDefinitionDoesNotExist",
        REFUSED,
        "there is no such role",
        "check the name or the id of the role; a custom role exists in its own scopes only",
    ),
    code(
        "InvalidPrincipalId",
        REFUSED,
        "the principal's id is not one",
        "use the object id of the service principal or user, a GUID",
    ),
];
