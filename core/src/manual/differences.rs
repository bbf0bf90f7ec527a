//! # Where entrada differs from other Azure identity libraries
//!
//! Where the libraries disagree, or one is wrong, these are the choices.
//!
//! | topic | entrada | why |
//! |---|---|---|
//! | endpoints of known clouds | built, no discovery | one request for one token; works behind strict firewalls |
//! | an unknown authority host | Entra is asked once whether it is its own; anything but a plain yes ends the call | a secret goes to no look-alike |
//! | the addresses in a provider's metadata | taken only at the provider's own host | what a server says does not decide where a secret goes |
//! | a provider's name as issuer | the whole address that was configured, in its metadata, in redirects and in id tokens | others may have theirs on the same host |
//! | where a user's password goes in a federated sign-in | to a federation service that the caller named, and to nobody else | the authority's word alone would send it anywhere; other libraries follow it |
//! | client assertions | PS256 with `x5t#S256` in base64url, whole numbers, ten minutes | the documented form; peers send variants that Entra happens to accept |
//! | assertions and retries | used again on the clouds that allow it; anew, with another `jti`, for each request and each retry elsewhere | an authority that checks for replays refuses the second |
//! | a renewed certificate, a renewed token file | read anew | peers read once, and fail until they are started again |
//! | the federated token of a workload | read for every request, blanks at its end taken off | peers keep it for ten minutes, and send a line end along |
//! | on-behalf-of | one value for one incoming token | tokens of different people cannot be mixed up |
//! | the refresh token of on-behalf-of | remembered by that one value, and redeemed once the incoming token has expired; until then that one is exchanged | MSAL for .NET drops it, so that long work ends; elsewhere it is looked for among those of others |
//! | a refresh token that was kept | the newest that came is redeemed next, and told to the program | providers that rotate take each but once |
//! | what comes back to a redirect URI | `state` first, then who issued the code (RFC 9207), then the `nonce` | no peer checks all three |
//! | the id token of a sign-in | `nonce`, `aud`, `exp` with five minutes' grace, the host of `iss`, and the tenant in it where it is an external one's, and `tid` where a tenant was asked for by its id; not `iat`, and not what a service leaves out, so that nobody is locked out for nothing; not the signature, since it comes from the token endpoint over TLS (OpenID Connect Core section 3.1.3.7) | peers check the `nonce` at most |
//! | who may issue an id token | any name of the cloud that was asked; a provider's own host; an external tenant's own host, or `{guid}.ciamlogin.com` with the tenant's GUID as far as that is known; a B2C's own host, or Entra's; none that names another tenant by its GUID than was asked for; of AD FS, dSTS and private clouds anybody, for they are named as their administrators like | not looked at by peers |
//! | who asks for a token while an authorization code is redeemed for somebody else | waits for the refresh token of that, 30 s at the longest | the code is good for once |
//! | authority without a scheme | accepted as https | a host name is what people write |
//! | `contoso.ciamlogin.com`, and no tenant or `organizations` | the tenant `contoso.onmicrosoft.com`, as with MSAL for Python; the address of an AD FS and of a policy of B2C likewise says all | other kinds of tenants do not exist there |
//! | `tfp/{tenant}/{policy}` and `{tenant}/b2c_…` | part of the address; nobody is asked about it, and its tokens are kept apart from those of other policies | azure-identity has no policies of B2C |
//! | a `..` tenant, fullwidth letters | refused | they would change the path, or pass for another name |
//! | `Retry-After` of an hour | ends the call and is reported; a device code waits for as long as it lives | a call that hangs helps nobody |
//! | refused connection to the metadata service | an answer: nobody is there | no seconds lost on a laptop |
//! | 410 from the metadata service | retried for 70 s | as its documentation asks |
//! | a metadata service that answered before and then fails | stops a chain | peers call every failure of the network "not available", and a developer's identity takes the host's place |
//! | a metadata service that `AZURE_POD_IDENTITY_AUTHORITY_HOST` names and that does not answer | stops a chain | what is configured and fails must not give way to a developer's identity; peers call it "not available" |
//! | a claims challenge and Service Fabric | the refused token is named by its hash, and `xms_cc` says that challenges can be answered | the host would give the same token again; the other hosts have no parameters for it |
//! | a pod with workload identity, asked for its managed identity | workload identity, after the hosts that variables name and before the metadata service, as in Python; by client id only | an object or resource id would be passed over silently |
//! | an identity that was named but is not assigned | stops a chain; one that `AZURE_CLIENT_ID` names does where variables, or the program of an agent, tell of the host | another identity would be used silently; on a machine that nothing is known of the variable may be meant for something else |
//! | a client id in `AZURE_CLIENT_ID` on Service Fabric and Cloud Shell | left out, since these hosts have one identity, and the command says so ([`Source::ignored_variable`](crate::flows::managed::Source::ignored_variable)); one that the program names is refused | peers log a warning; this library logs nothing |
//! | a page at the address of the metadata service, in a chain | asked once after the probe, and the chain goes on | other clouds have a server of their own there, and gateways answer 503; peers take any answer to the probe for the service |
//! | 500 of a host with a number of Entra's that says no | `Refused` at once, on every host | peers try again, for 24 s at the metadata service |
//! | 500 of a machine without an identity | `Unavailable`, with what to turn on | its documentation says that this is what it means |
//! | an Azure Arc agent on Windows where `ProgramData` is not set | an error that says so | the machine is one of Azure Arc, and no other host's identity takes the place of its own |
//! | tokens bound to a certificate (the second version of the metadata service, mTLS) | not spoken; the first version's tokens | MSAL for .NET alone does, on some virtual machines with Windows |
//! | a compute instance of Azure Machine Learning, by SSH | its variables have to be exported: they are in `/etc/environment.sso` | a session there may not have them |
//! | whose token "managed identity" gives | told with every token; on request never a person's | a compute instance with single sign-on gives its user's, Cloud Shell always |
//! | the browser's listener | ignores strangers, serves IPv4 and IPv6 | a favicon or a prefetch does not end a sign-in |
//! | `form_post` and query redirects | both read; `form_post` asked for | the code stays out of the history |
//! | device code: `slow_down`, outages | the interval grows; polling goes on | RFC 8628 |
//! | device code: a reply that does not say how long the code lives | 1800 s, as with MSAL; a limit of one's own shortens it | RFC 8628 demands that it is said |
//! | device code: claims | sent with the first request | only there do they take effect |
//! | a federated account's password, and the authority | never sent there, only the assertion | it has no use for it |
//! | a password that an AD FS or a provider does not take, which has no number for it | `Refused`, as at Entra | as any grant that is not valid |
//! | a password after a 5xx or a broken connection | not sent again | it may have counted: a few wrong ones lock the account |
//! | a password through `common` or `consumers` | refused before anything is sent | the authority refuses it too, with the password in hand |
//! | the SAML assertion of a federation service | passed on byte for byte | it is signed |
//! | `az` with tenant and subscription | only the subscription is passed; the tenant, which has to be a GUID, is compared with that of the token | the tool refuses both together |
//! | `az` failing with an AADSTS number | a refusal; the tool's advice counts where a sign-in helps, or demands claims | "az login" is advised for almost every failure |
//! | a tool that ends with 127 and says why | it is there, and cannot run: told with what it says, not available | "not found on PATH" sends people to install what they have |
//! | the Azure CLI's own files | read where that is asked for, written under the tool's lock; whatever is not as expected is left to the tool | it takes milliseconds instead of the better part of a second; nobody documents the files |
//! | `az` not answering | not available | a hanging tool must not stop a chain |
//! | the `suberror` of a refusal | read: it decides whether a person helps, and which refresh token is forgotten; told to programs | a number beside it says less, and may change |
//! | the shared token cache in the default chain | a member as in Python, the first after the hosts; absent where the driver was given no store | .NET, Go and JavaScript leave it out; `entrada login` is of use to the chain this way |
//! | selecting the shared token cache by name | not possible, as in Python | `AZURE_TOKEN_CREDENTIALS=dev` includes it |
//! | Visual Studio Code | who is signed in is read and checked; it counts as absent, and says that a broker is needed | its tokens are with the operating system's broker, which Python and JavaScript speak to on Windows alone |
//! | the broker at the end of the default chain | there is none | the last member in Python, with the packages of the broker on Windows and WSL |
//! | a chain whose time is over | `Timeout`, naming who was asked and who was not | "not available" would send people to set up what is there |
//! | a chain's next step | that of the likeliest source: one that is set up in part or broken, else the Azure CLI's | a list of nine is no advice |
//! | asking from the beginning each time | on request ([`crate::Chain::retrying_sources`]), as Go's `RetrySources` | the identity stays, unless a program says that it may change |
//! | expiry of a token reply | `expires_on` if it lies ahead, else `expires_in`; no default | a token of unknown life is no token |
//! | a challenge of Azure Resource Manager | answered whenever it has claims | the service does not always say `insufficient_claims` |
//!
//! ## Authorities, tenants, regions
//!
//! | topic | entrada | other libraries |
//! |---|---|---|
//! | people, and services on their behalf, at a dSTS | refused before anything is sent: what it does for them is documented nowhere | MSAL sends what it sends to Entra |
//! | another tenant than the credential's | refused where it was not allowed, naming what to add; the configured one where `AZURE_IDENTITY_DISABLE_MULTITENANTAUTH` is set and the credential goes by the environment, as all of the command's do | .NET and JavaScript honour the variable too, Go does not read it; Rust has no other tenants |
//! | comparing tenants | without regard to case | exact with Python and Go |
//! | another tenant, from `organizations` | allowed while no list says otherwise | the same in newer ones |
//! | another tenant than the one in the address of an external tenant, of B2C or of dSTS | refused before anything is sent, whether it is configured or asked for: the token would be of the tenant in the address, and pass for one of the other | Go refuses it at dSTS |
//! | tenants at an AD FS and at other providers | there are none: a configured name is borne, and asking for another is refused | passed over with Python; an error at AD FS with Go |
//! | a tenant that a challenge names | told, and used only if the program asks for it and the credential may act there | Python and Go follow it within the same rule |
//! | the path of an authority's address | kept; refused at a known cloud, where only those of an AD FS, dSTS and policies of B2C mean anything | Rust drops it |
//! | `AZURE_AUTHORITY_HOST` set to nothing | as if it were not set | an error with Python and Rust |
//! | the token endpoint of an AD FS | `/adfs/oauth2/token` | Python's newer client asks `/adfs/oauth2/v2.0/token`, which none has |
//! | the device code's address | built, or read from the metadata | Go replaces each `token` in another address, in a host's name too |
//! | the issuer in a provider's metadata | has to be the address that was configured, before anything is remembered | Go remembers first; hosts of Microsoft's will do for any |
//! | regions | off unless asked for: `EntraClient::in_region`, or the variables; for tokens of apps alone, at known clouds alone | Python reads the variable in some of its credentials |
//! | a region's name | checked, since it becomes part of a host's; one that cannot be is as good as none in a variable, and an error in an option | the same since 2026 |
//! | a region that is forced upon every program (`MSAL_FORCE_REGION`) | is refused by `EntraClient::in_no_region`, or by `AZURE_REGIONAL_AUTHORITY_NAME` set to `DisableMsalForceRegion` or `false` | by options of their own |
//! | detecting a region | two seconds, once for each client; the global endpoint where nothing is found | minutes with Python outside of Azure |
//! | a region that refuses or fails | is not replaced by the global endpoint | the same |
//! | an assertion for a region | its audience is the global endpoint | the same with Python |
//! | federated credentials in sovereign clouds | the audience that the cloud has | the program has to know it |
//!
//! ## Proofs
//!
//! | topic | entrada | other libraries |
//! |---|---|---|
//! | certificates in PEM | read, as PKCS #12 is | not read by Rust |
//! | which certificate of a file signs | the one that belongs to the key, in whatever order they stand | the first with Python and .NET |
//! | `x5c` | where it is asked for, by an option or `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN`: an array of DER in base64, the signer's certificate first, then its issuers | a text with .NET, the PEM itself in base64 with Rust, the leaf alone with some; never in Python's asynchronous half |
//! | AD FS and dSTS | RS256 with `x5t` | the same |
//! | the audience of an assertion | the token endpoint of the tenant that this request is for | that of the credential's tenant in Python's asynchronous on-behalf-of |
//! | what is signed | written as JSON by an encoder | put together from texts by Rust |
//! | a token of another credential as assertion | any credential's, asked for what the cloud expects of it ([`CredentialAssertion`](crate::CredentialAssertion)); the command's `--assertion-from` | put together by each program |
//! | an assertion or a token file that is empty | refused before anything is sent | sent |
//! | a token file that is not there yet | is waited for: an error when a token is asked for, not before | Rust's constructor fails |
//! | a service connection's id | percent-encoded | put in as it is with Python and Go |
//! | the token proxy of a cluster | by variables or by options; a file of certificates that is being replaced counts as it was | Go fails while the file cannot be read; Python knows no options |
//!
//! ## Claims and challenges
//!
//! | topic | entrada | other libraries |
//! |---|---|---|
//! | merging claims with the capability `CP1` | deep; lists are united, without regard to case; a `null` gives way | Python overwrites `xms_cc`, and fails at a `null`; Go refuses some |
//! | claims that are no JSON object | refused, and never repeated in an error | repeated by Go |
//! | claims in a challenge | base64 of either alphabet, padded or not, or JSON itself | Go takes one alphabet, .NET the other, padded |
//! | reading a challenge | several in a header or in several headers, with or without commas between; bare and quoted values | Python takes the first of a header, Go splits at `", "` and passes over bare ones |
//! | how often a challenge is answered | once | the same |
//! | CAE | by request; such tokens are kept apart, while a sign-in serves requests of either kind | a sign-in of the one kind does not serve the other; Rust has none |
//! | a refusal that demands claims | its error has them, for people and apps alike | the same |
//!
//! ## Keeping and renewing
//!
//! | topic | entrada | other libraries |
//! |---|---|---|
//! | a token that is due | is renewed behind the back of its users, half way through a life of two hours or more, else five minutes before its end, or when the authority says | only .NET does it in the background |
//! | a renewal that fails | hurts nobody while the token lives, and is tried again after 30 s for this token alone | an error in the last five minutes with Go, .NET, Rust and half of Python; Go's public clients report it with the token in hand |
//! | a token that is kept and due, where somebody waits for it | one try of two seconds, then it is used as long as it lives, and the next run is told not to try for 30 s (`refresh_on`); where nobody waits, every try | every try, each time |
//! | a refresh token that is dead | is removed, and what another process put in its place meanwhile is tried | the person is asked |
//! | an app of which it is not known whether it is of a family | may try the family's sign-in, after its own; does not count as signed in | the same, without the latter |
//! | the same question after a refusal | is answered by that refusal for five seconds, to the credential that got it, but not where a person may be asked or has to sign in: a program in a loop would else be refused for looping (AADSTS50196) | MSAL for Python repeats refusals for a minute, others ask each time |
//! | a question after `Retry-After` | is answered by that error until then, for an hour at most, to all who share the cache, with other claims too, and after the token that lived then is dead | the same with MSAL for Python and .NET; Go and Rust ask |
//! | waiting | for the same token only; no lock is held while anybody asks | Go and Rust let all wait for one |
//! | a token that a person signed in for | is renewed ahead as any other, by what is kept, and asks nobody while nobody waits | asks whoever is there, when a caller comes |
//! | a token that a service rejected | is forgotten in memory and where it is kept between runs, unless another came | Python, Go and Rust keep it until it dies |
//! | finding a token in memory | by the same scopes in any order; one for more than was asked is not handed out | Rust goes by their order |
//! | finding a token that is kept | one that covers the scopes, without regard to case | Python goes by case |
//! | an authorization code | with PKCE, and bound to the value that redeemed it | Python's has no PKCE; Go and Rust have none at all |
//! | a record of a sign-in without a version | read; written with one | refused by Python and Go, and .NET writes such |
//! | files of tokens | replaced whole, for their owner alone, through no link | Python writes them in place |
//! | tokens on a Linux machine without a desktop | encrypted with a key of the kernel, or plain where that is allowed | the one with Go, the other with Python and .NET |
//! | tokens at a Linux desktop | in the same file; its key in the keyring of the desktop, which makes it outlive a restart, and in that of the kernel, which is asked first | the whole cache in the keyring with Python and .NET, each where the other does not look; the kernel alone with Go |
//! | a keyring that is locked or does not answer | what it has the key of is neither read nor replaced, and it is said why; what is new has its key in the kernel meanwhile | Python fails and names plain files; Go overwrites what it cannot read, which after a restart is also what entrada could have read |
//! | a document that cannot be read | is set aside beside its place, which is said, also when it was only looked for; one whose key is gone is said to be so, and set aside when something is to be kept in its place | Go writes over it, Python fails |
//! | signing out | removes what was set aside too, and what killed writers left behind, since it may hold tokens | leaves it |
//! | a lock that somebody does not let go of | costs a token that is there ten seconds at most, once in a process, and it is said | MSAL for Python waits five seconds each time, .NET a minute, and goes on |
//! | tokens on macOS and Windows | in a file of entrada's own, its key in the Keychain or the Credential Manager | the whole cache in the Keychain, and in a file that DPAPI encrypts; none is shared with entrada |
//!
//! ## Talking to the authority
//!
//! | topic | entrada | other libraries |
//! |---|---|---|
//! | tries, and time | three more, 10 s to connect, 30 s for each and 90 s for all, or as long as [`EntraClient::within`](crate::EntraClient::within) says | up to ten, and 300 s with Python; eight with Rust |
//! | `Retry-After` | up to 60 s are waited for; more ends the call and is told | slept through without limit by Rust |
//! | the headers of a request | `client-request-id`, a new GUID for each request and the same for its tries, told with errors, where no answer came too; `return-client-request-id: true`, so that the authority's answer names the request where its body does not; `x-client-SKU`, `-Ver`, `-OS` of our own; a `User-Agent` that a program puts its name before ([`Run::on_account_of`](crate::Run::on_account_of), which the drivers' builders have too), in every request of every credential and call; and no others | telemetry of past calls, processor and device; names of MSAL |
//! | `X-AnchorMailbox` | where it is known before whose account it is: a kept account's id, the name beside a password. It leads the request to where that account is at home, which matters right after a change there | the same with Python and .NET |
//! | scopes of app tokens | as they were given | Go adds those of a sign-in |
//! | a reply of 200 without a token, or with a page | an error that says so, and what may have answered | an empty token with Rust, an exception of another kind with Python |
//! | a description with line ends | read | Rust cannot read the error then |
//! | an assertion that is refused for its times | the error tells by how much this machine's clock is wrong, where the answer's `Date` shows it | the number alone |
//! | what an error tells | kind, code, suberror, numbers, ids, claims, what to do | mostly a text |
//! | bodies in errors and logs | 600 characters at most, without anything that was sent or looks like a token; nothing is logged | whole ones with Go's decoder and MSAL for Python |
//! | the realm of an account | its name is percent-encoded | put in as it is with Python |
//! | the assertion of a federation service | alone, without name and password | Go sends these along |
//! | an error page instead of a refresh | as any other page | an exception of another kind with Python |
//!
//! ## People at browsers
//!
//! | topic | entrada | other libraries |
//! |---|---|---|
//! | a `GET` of the bare address, a prefetch, a favicon | is answered and the listener goes on | ends the sign-in with Go and .NET, and with Python's for `/` |
//! | several connections at once | are served, each within its time | one with .NET |
//! | `state` | looked at before anything else in a redirect, in constant time, by its case; never shown | Go shows the error first and repeats the state; .NET disregards case |
//! | a redirect URI with a path | listened on and sent as it is; `https` is refused, since nobody could answer | Python drops both and says nothing |
//! | in a container | the machine itself alone is listened on | MSAL for Python listens on every address |
//! | polling for a device code | the first time after an interval; `slow_down`, 429 and broken connections go on | Go ignores the interval, .NET gives up |
//!
//! ## The workspace file
//!
//! `.azureml/config.json` is found in the order of the Azure Machine Learning SDK, which goes by kind of
//! place and not by nearness. Different from the SDK, a missing key is named, placeholders and empty
//! values are refused, and the file that was used is told. A path that does not exist is searched from
//! as the SDK does, but a note says so.
