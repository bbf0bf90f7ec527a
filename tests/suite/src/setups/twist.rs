//! What is not as it should be before a run begins, where that is no matter of its world.

use crate::choices::Choices;

/// One thing about the credential that is another than in a fair set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// Nothing.
    None,
    /// The endpoint is called with its keys.
    WithKey,
    /// The endpoint is called with tokens of Entra.
    WithEntra,
    /// It is a compute that is changed, not the workspace.
    OfCompute,
    /// The certificate is given as bytes.
    KeyInBytes,
    /// The key is known to a signer by name.
    KeyByName,
    /// The key's password is another.
    KeyPassword,
    /// Certificate and issuers are sent along.
    Chain,
    /// The authority is none of the known clouds.
    PrivateAuthority,
    /// The authority is an AD FS.
    AdFs,
    /// The machine's identity is one that the app does not trust.
    OtherIdentity,
    /// The token that the service was sent is an app's.
    AppToken,
    /// It is for another service.
    ForeignToken,
    /// It has run out.
    OldToken,
    /// It is no token.
    NoToken,
    /// The app proves itself with a certificate.
    Certified,
    /// What the browser brings is of another sign-in.
    OtherState,
    /// It says that another authority issued the code.
    OtherIssuer,
    /// It is cut in half.
    Half,
    /// The code was redeemed by somebody else before.
    UsedCode,
    /// The browser took its time: the code has expired.
    OldCode,
    /// The app has another redirect URI than the sign-in was begun with.
    OtherRedirect,
    /// The federation service of the account is not trusted.
    Distrust,
    /// Whatever federation service the authority names is trusted.
    TrustAll,
    /// The refresh token is of another family's app.
    Stranger,
    /// The managed identity is named by its client id.
    ByClient,
    /// It is named by its object id.
    ByObject,
    /// It is named by its resource id.
    ByResource,
    /// It is named, and not assigned here.
    NotAssigned,
    /// A variable that is meant for several credentials names it.
    NamedByEnvironment,
    /// Nothing but its program on the disk tells of Azure Arc's agent.
    Installed,
    /// The compute itself names its identity.
    DefaultIdentity,
    /// Whoever asks does not want a person's token.
    NoGuess,
    /// The request demands claims.
    Claims,
    /// The machine is one of Windows, with its own PowerShell alone.
    OlderPowerShell,
    /// The certificates of the cluster's proxy are in a variable.
    CertificatesInData,
    /// Those of the platform are trusted, and the proxy has the name of its address.
    PlatformTrust,
    /// The authority is another provider, which tells its addresses itself.
    Provider,
    /// Somebody signed in, or the app asked, a minute ago, and that is kept.
    JustNow,
    /// The same a day ago.
    DayAgo,
    /// Another account is named than the one that is kept.
    OtherName,
    /// Who is signed in to the tool is an app.
    Principal,
    /// The region is that of the machine.
    DetectedRegion,
    /// The address names a policy of B2C.
    Policy,
    /// The authority is the host of an external tenant.
    External,
    /// A pod with workload identity is asked for its managed identity.
    Managed,
    /// What one process begins, another finishes.
    Resumed,
    /// There is an app of the name, which is added to.
    Again,
}

impl Twist {
    /// All of them.
    pub const ALL: [Twist; 48] = [
        Twist::None,
        Twist::WithKey,
        Twist::WithEntra,
        Twist::OfCompute,
        Twist::KeyInBytes,
        Twist::KeyByName,
        Twist::KeyPassword,
        Twist::Chain,
        Twist::PrivateAuthority,
        Twist::AdFs,
        Twist::OtherIdentity,
        Twist::AppToken,
        Twist::ForeignToken,
        Twist::OldToken,
        Twist::NoToken,
        Twist::Certified,
        Twist::OtherState,
        Twist::OtherIssuer,
        Twist::Half,
        Twist::UsedCode,
        Twist::OldCode,
        Twist::OtherRedirect,
        Twist::Distrust,
        Twist::TrustAll,
        Twist::Stranger,
        Twist::ByClient,
        Twist::ByObject,
        Twist::ByResource,
        Twist::NotAssigned,
        Twist::NamedByEnvironment,
        Twist::Installed,
        Twist::DefaultIdentity,
        Twist::NoGuess,
        Twist::Claims,
        Twist::OlderPowerShell,
        Twist::CertificatesInData,
        Twist::PlatformTrust,
        Twist::Provider,
        Twist::JustNow,
        Twist::DayAgo,
        Twist::OtherName,
        Twist::Principal,
        Twist::DetectedRegion,
        Twist::Policy,
        Twist::External,
        Twist::Managed,
        Twist::Resumed,
        Twist::Again,
    ];

    /// Whether it says which managed identity is asked for.
    pub(super) fn names_identity(self) -> bool {
        matches!(
            self,
            Twist::ByClient
                | Twist::ByObject
                | Twist::ByResource
                | Twist::NotAssigned
                | Twist::NamedByEnvironment
        )
    }

    pub(super) fn drawn(choices: &mut Choices<'_>, fitting: &[Twist]) -> Twist {
        if fitting.is_empty() || !choices.chance(60) { Twist::None } else { choices.pick(fitting) }
    }
}
