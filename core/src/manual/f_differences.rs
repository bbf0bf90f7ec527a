//! # Where entrada differs from other Azure identity libraries
//!
//! Where the libraries disagree, or one is wrong, these are the choices.
//!
//! | topic | entrada | why |
//! |---|---|---|
//! | endpoints of known clouds | built, no discovery | one request for one token; works behind strict firewalls |
//! | an unknown authority host | Entra is asked once whether it is its own; anything but a plain yes ends the call | a secret goes to no look-alike |
//! | the addresses in a provider's metadata | taken only at the provider's own host | what a server says does not decide where a secret goes |
//! | where a user's password goes in a federated sign-in | to a federation service that the caller named, and to nobody else | the authority's word alone would send it anywhere |
//! | client assertions | PS256 with `x5t#S256` in base64url, whole numbers, ten minutes | the documented form; peers send variants that Entra happens to accept |
//! | assertions and retries | used again on the clouds that allow it; anew, with another `jti`, for each request and each retry elsewhere | an authority that checks for replays refuses the second |
//! | a renewed certificate, a renewed token file | read anew | peers read once, and fail until they are started again |
//! | the federated token of a workload | read for every request, blanks at its end taken off | peers keep it for ten minutes, and send a line end along |
//! | on-behalf-of | one value for one incoming token | tokens of different people cannot be mixed up |
//! | what comes back to a redirect URI | `state` first, then who issued the code (RFC 9207), then the `nonce` | no peer checks all three |
//! | authority without a scheme | accepted as https | a host name is what people write |
//! | a `..` tenant, fullwidth letters | refused | they would change the path, or pass for another name |
//! | `Retry-After` of an hour | ends the call and is reported; a device code waits for as long as it lives | a call that hangs helps nobody |
//! | refused connection to the metadata service | an answer: nobody is there | no seconds lost on a laptop |
//! | 410 from the metadata service | retried for 70 s | as its documentation asks |
//! | an identity that was named but is not assigned | stops a chain | another identity would be used silently |
//! | the same, named by `AZURE_CLIENT_ID` only | lets a chain go on | the variable is often meant for another credential |
//! | whose token "managed identity" gives | told with every token; on request never a person's | a compute instance with single sign-on gives its user's, Cloud Shell always |
//! | the browser's listener | ignores strangers, serves IPv4 and IPv6 | a favicon or a prefetch does not end a sign-in |
//! | `form_post` and query redirects | both read; `form_post` asked for | the code stays out of the history |
//! | device code: `slow_down`, outages | the interval grows; polling goes on | RFC 8628 |
//! | device code: claims | sent with the first request | only there do they take effect |
//! | a federated account's password | only to a federation service that the caller named | the address is a server's word; other libraries follow it |
//! | the same, and the authority | never sent there, only the assertion | it has no use for it |
//! | a password after a 5xx or a broken connection | not sent again | it may have counted: a few wrong ones lock the account |
//! | a password through `common` or `consumers` | refused before anything is sent | the authority refuses it too, with the password in hand |
//! | the SAML assertion of a federation service | passed on byte for byte | it is signed |
//! | `az` with tenant and subscription | only the subscription is passed; the tenant, which has to be a GUID, is compared with that of the token | the tool refuses both together |
//! | `az` failing with an AADSTS number | a refusal | "az login" is advised for almost every failure |
//! | the Azure CLI's own files | read where that is asked for, written under the tool's lock; whatever is not as expected is left to the tool | it takes milliseconds instead of the better part of a second; nobody documents the files |
//! | `az` not answering | not available | a hanging tool must not stop a chain |
//! | expiry of a token reply | `expires_on` if it lies ahead, else `expires_in`; no default | a token of unknown life is no token |
//! | a challenge of Azure Resource Manager | answered whenever it has claims | the service does not always say `insufficient_claims` |
//!
//! ## The workspace file
//!
//! `.azureml/config.json` is found in the order of the Azure Machine Learning SDK, which goes by kind of
//! place and not by nearness. Different from the SDK, a missing key is named, placeholders and empty
//! values are refused, and the file that was used is told. A path that does not exist is searched from
//! as the SDK does, but a note says so.
