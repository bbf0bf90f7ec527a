//! What Entra says about a refusal besides its code.

/// The `suberror` of an error document: which kind of refusal it is, in words that are meant for programs.
///
/// After MSAL's "Handle errors and exceptions" in the documentation of the Microsoft identity platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Suberror {
    /// The person can mend it with a sign-in that takes a step more.
    BasicAction,
    /// The person has to do something elsewhere first, such as enrolling the device.
    AdditionalAction,
    /// The person gets to read something; nothing helps at this time.
    MessageOnly,
    /// The person has not consented yet, or no more.
    ConsentRequired,
    /// The person's password has expired.
    UserPasswordExpired,
    /// The refresh token, or the code, is of no use to anybody any more.
    BadToken,
    /// The refresh token has expired.
    TokenExpired,
    /// An app protection policy of Intune stands between. No sign-in here helps.
    ProtectionPolicyRequired,
    /// The refresh token is of another app, or another family of apps.
    ClientMismatch,
    /// The device could not prove which it is.
    DeviceAuthenticationFailed,
}

impl Suberror {
    /// Every one.
    pub const ALL: [Suberror; 10] = [
        Suberror::BasicAction,
        Suberror::AdditionalAction,
        Suberror::MessageOnly,
        Suberror::ConsentRequired,
        Suberror::UserPasswordExpired,
        Suberror::BadToken,
        Suberror::TokenExpired,
        Suberror::ProtectionPolicyRequired,
        Suberror::ClientMismatch,
        Suberror::DeviceAuthenticationFailed,
    ];

    /// As it stands in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Suberror::BasicAction => "basic_action",
            Suberror::AdditionalAction => "additional_action",
            Suberror::MessageOnly => "message_only",
            Suberror::ConsentRequired => "consent_required",
            Suberror::UserPasswordExpired => "user_password_expired",
            Suberror::BadToken => "bad_token",
            Suberror::TokenExpired => "token_expired",
            Suberror::ProtectionPolicyRequired => "protection_policy_required",
            Suberror::ClientMismatch => "client_mismatch",
            Suberror::DeviceAuthenticationFailed => "device_authentication_failed",
        }
    }

    /// The one of this name; nothing for a name that is not known.
    #[must_use]
    pub fn named(name: &str) -> Option<Suberror> {
        Suberror::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }

    /// Whether it decides that a person who signs in again mends a grant that was refused; nothing where
    /// it decides neither way.
    #[must_use]
    pub fn asks_for_a_person(self) -> Option<bool> {
        match self {
            Suberror::ProtectionPolicyRequired | Suberror::ClientMismatch => Some(false),
            Suberror::DeviceAuthenticationFailed => None,
            _ => Some(true),
        }
    }

    /// What helps, where that is not what helps against the number beside it.
    pub(crate) fn remedy(self) -> Option<&'static str> {
        match self {
            Suberror::ProtectionPolicyRequired => Some(
                "use an app that your organization's app protection policy covers, or ask an administrator to exempt this one",
            ),
            Suberror::ClientMismatch => Some(
                "sign in with this app: the refresh token was given to another that is no relative of it",
            ),
            _ => None,
        }
    }
}
