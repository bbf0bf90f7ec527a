//! # Azure Machine Learning
//!
//! What Microsoft's page "Set up authentication for Azure Machine Learning resources and workflows" tells to do,
//! how it is done here, and where that page and the SDK's ways are mistaken.
//!
//! ## What is different from the page
//!
//! | the page | what is right, and done here |
//! |---|---|
//! | `try: MLClient.from_config(…)`, and on any exception a configuration file with placeholders is written | `from_config` asks nobody: a wrong name, a missing role or a dead credential are not noticed there, and the placeholders replace a file that may have been good. [`ChooseWorkspace`] goes on to other names only where there is no file; one that is there and cannot be used is an error, nothing is written, and [`GetWorkspace`] is the call that proves access |
//! | the file is `../.azureml/config.json` | it is found from below its folder, and before a `./config.json`: the order goes by kind of place ([`FindConfig`]). `entrada workspace show --explain` tells every place and the winner |
//! | `<SUBSCRIPTION_ID>` in the file | refused, as are empty names and a subscription that is no GUID; `entrada workspace init` never writes them, writes whole files or none, and replaces one only with `--force` |
//! | `load_dotenv(".env")`, `os.environ['ENVIRONMENT']` | a file that was named and is missing is an error (`--env-file`), a variable that is not set is none; nothing is loaded without being asked for ([`crate::dotenv`]) |
//! | `import os` is missing in the sample of a service principal | [`EnvironmentCredential`](crate::EnvironmentCredential) reads the same variables |
//! | the output of `--json-auth` with addresses without slashes and port 5555 | both forms are read, with a slash or without; [`AuthFile`](crate::AuthFile) |
//! | Conditional Access for the app `0736f41a-0425-bdb5-1563eff02385` | that is no GUID; the app is `0736f41a-0425-4b46-bdb5-1563eff02385`. A policy on it governs tokens for `https://ml.azure.com`. What goes through Azure Resource Manager, nearly everything, is governed by "Windows Azure Service Management API", `797f4846-ba00-4fd7-ba43-dac1f8f63013` |
//! | REST: "implicit flow", numbers in the token's reply | it is the client credentials grant; numbers come as texts from one endpoint and as numbers from the other, and both are read |
//! | managed identity: `expiryTimeUtc` of the reply | it has `expires_on`; `expiryTimeUtc` is of an endpoint's own token |
//! | `az ad sp show` prints `objectId`, `objectType`, `"accountEnabled": "True"` | since version 2.37 of the Azure CLI it prints Graph's `id`, no type, and a boolean. `entrada sp show` prints Graph's document. The registration's `id`, the principal's `id` and the `appId` are three GUIDs; roles are given to the second ([`FindPrincipal`](crate::graph::FindPrincipal) finds it by any name) |
//! | `az ad sp create-for-rbac` makes a service principal again | under a name that exists it destroys every secret of that app. Here a name that is taken is refused, and `--reuse` only adds ([`setup`](crate::graph::setup)) |
//! | the same command ends well | it ends with 0 also where the role could not be assigned after three minutes, and loses the secret where the principal could not be made. Here the secret comes last, a failure is a failure, and says what there is, how to go on and how to undo it |
//! | "admin on the subscription" | `Microsoft.Authorization/roleAssignments/write`: Owner, User Access Administrator or Role Based Access Control Administrator; and the right to register apps. Owner is warned of where it is given |
//!
//! ## A service principal
//!
//! [`CreatePrincipal`](crate::graph::setup::CreatePrincipal) looks the roles up, finds or makes the app
//! registration and its service principal, gives the roles, and makes the secret or registers the certificate, in
//! this order. Each step comes to the same when it is done twice:
//!
//! | step | after an answer that leaves it open whether it was done |
//! |---|---|
//! | a new app registration | it is looked for by its name for a minute before another is made |
//! | its service principal | it is looked for by the application id, of which there can be one |
//! | a role | the assignment's name follows from scope, principal and role: the same request again |
//! | a secret | those of its name, which nobody knows, are removed before another is made, and looked for a minute after it was; one that was not found or cannot be removed is named |
//! | a certificate | the list of certificates is read anew before it is written again; the certificate's id follows from the certificate |
//!
//! A run that fails half way, that is given up ([`Run::cancel`](crate::Run::cancel), Ctrl-C) or whose time is over
//! says what there is by then, in words and as [`Error::made`](crate::Error::made) (`made` in the command's JSON), how
//! to go on and how to undo it. Both work at once: what is named by its application id is looked for for a minute, and
//! so is a name with `--reuse` before a new app is made of it, since the one of a run that was cut off may not be known
//! yet.
//!
//! [`DeletePrincipal`](crate::graph::setup::DeletePrincipal) takes the roles first, in every subscription that the
//! caller sees, or at and below `--scopes`: an assignment whose principal is gone stays as one to nobody. Where it
//! may not look for them, nothing is deleted, unless they are left on purpose (`--leave-roles`). A service principal
//! that is not found is waited for for a minute. What is gone already is success.
//!
//! A list of certificates that was written with a new one is read back: where another wrote a list without it at the
//! same time, it is added to theirs.
//!
//! What was just made is not known everywhere: app, principal and role are tried 36 times, 5 seconds apart. The error
//! after that says how often it was tried and for how long; where the time of the run ended first, it is a timeout. A
//! secret counts at the token endpoint after up to a minute, a role after up to ten.
//!
//! [`FirstSignIn`](crate::graph::setup::FirstSignIn) waits for the first: it signs in with a new secret or certificate
//! as often and as far apart as that, while the authority answers as though there were no such app (AADSTS700016),
//! no service principal of it (7000229), no such secret (7000215) or no such certificate (700027). Any other refusal
//! ends it. On the command line it is `--wait` of `sp create` and `sp reset`, which comes after the secret was
//! printed, and before `sp reset` removes the one before (`--remove-key`): where the new one does not serve in time,
//! nothing is removed and the exit code is 5. Without `--wait` nothing is tried.
//!
//! A certificate in place of a secret is registered last, too. `entrada sp create --create-cert=FILE` makes it: a
//! new RSA key of 3072 bits and a certificate that signs itself (X.509 version 3, SHA-256, a random serial
//! number, valid for `--years` or `--days`). Both are in the file, which its owner alone may read and which
//! replaces none, before the directory is asked for anything; `--credential client-certificate --certificate
//! FILE` takes it. Only where the certificate was certainly not registered is the file removed; where that stays
//! open it is kept, and `--cert @FILE` goes on with it: a certificate that is registered already is not registered
//! again. A program makes one with `keys::NewCertificate` of the host crate (feature `make-certificates` of it and of
//! both drivers, which lend it as `host`).
//!
//! `entrada sp reset APP` adds a secret or a certificate, and `--remove-key ID` removes one of either, named by its
//! id or its name, after what was made was told
//! ([`RemoveCredentials`](crate::graph::setup::RemoveCredentials)). Microsoft Graph has certificates written as one
//! list, whose every entry that is missing is removed (`removeKey` wants a proof signed with another certificate).
//! So each certificate that the caller knows of has to be in the list before it is written: a server that does not
//! show one yet is asked again for three minutes, and then nothing is written. What no call can see is a
//! certificate that somebody else added seconds ago: let one change of certificates be known before another begins.
//!
//! ## Which workspace
//!
//! ```
//! use entrada_core::ml::{ChooseWorkspace, FindConfig, Job};
//! use entrada_core::Environment;
//!
//! # fn main() -> Result<(), entrada_core::Error> {
//! # let environment = Environment::new();
//! // A file here or above, else the job that this program runs in.
//! let job = Job::of_environment(&environment);
//! let choice = ChooseWorkspace::by(FindConfig::from_working_directory()).or_of_job(job);
//! # let _ = choice;
//! # Ok(())
//! # }
//! ```
//!
//! The job's variables are read where there is no file, and an error names the one that is wrong. `entrada workspace
//! list` takes its subscription from the same places.
//!
//! One cloud for the workspace and for who issues its tokens: [`authority`] reads `AZUREML_CURRENT_CLOUD` beside
//! `AZURE_AUTHORITY_HOST` and refuses a contradiction, where the SDK would take a token of one cloud to another. The
//! command's `workspace`, `endpoint`, `identity`, `sp`, `role` and `rest` heed it. `token`, `login`, `logout` and `whoami`
//! do not: their tokens are for any service, and the Azure Identity libraries, whose variables they take, know
//! `AZURE_AUTHORITY_HOST` alone. An address of Azure Resource Manager or of Microsoft Graph that is
//! given is refused where it is another cloud's ([`ResourceManager::beside`], [`Graph::beside`]).
//!
//! ## Which token goes where
//!
//! | what is called | audience |
//! |---|---|
//! | workspaces, computes, endpoints as resources | Azure Resource Manager: `https://management.azure.com/.default` |
//! | the services of a workspace, endpoints with `aad_token` | `https://ml.azure.com/.default`, with one slash: `https://ml.azure.com//.default` asks for an audience that ends in a slash, and is refused there |
//! | endpoints with `key` or `aml_token` | none of Entra: a key or a token of the endpoint ([`OpenEndpoint::accessed`]); one key is made anew by [`RegenerateKey`](crate::ml::RegenerateKey) |
//! | a run's own records (MLflow) | `AZUREML_RUN_TOKEN` ([`Job::run_token`]) |
//!
//! The audience follows from the address: [`Audiences`]. An address of no service gets no token, one of another
//! cloud neither. `entrada rest METHOD URL` is that on the command line.
//!
//! ## In a job
//!
//! A job whose identity is `user_identity` gets tokens of whoever submitted it:
//! [`AzureMlOnBehalfOfCredential`](crate::AzureMlOnBehalfOfCredential). Where it is not available, that has one of
//! three reasons: the job has another identity; the identity is on the pipeline instead of the step; the job was
//! submitted from the studio. It takes no claims: the person has to submit the job anew. [`Job::credential`]
//! chooses as Microsoft's own components do: the person, the compute's identity, the default chain.
//!
//! On a compute instance with single sign-on a "managed identity" gives its *user's* token where no identity is named.
//! Where one is, by the caller, `AZURE_CLIENT_ID` or `DEFAULT_IDENTITY_CLIENT_ID`, a person's is refused. Every token
//! tells whose it is, and `entrada whoami --credential managed-identity` says so (`kind  person`, or `app`);
//! [`ManagedIdentityCredential::refusing_to_guess`] takes none of a person, and [`Expecting`] takes those
//! of one identity alone, from any credential. The command says on standard error that a person's token came from a
//! managed identity, whatever it prints; `--refuse-to-guess` and `--expect-identity app|user|client-id:X|object-id:X|NAME`
//! are the two on the command line.
//!
//! ## Identities
//!
//! [`EnableIdentity`] gives a workspace or a compute identities and takes none away: what is there is read first
//! and repeated, since the service replaces the type. Where all is there already, nothing is written. A compute
//! has one of its own or user-assigned ones, never both. A compute is replaced whole by the request that gives it
//! an identity, so all that the service tells of it is said again: network, SSH, schedules, scripts, tags. Where
//! something is not told again (a password of its nodes; what a machine or a Kubernetes cluster was attached with),
//! nothing is written, and the error says why.
//!
//! [`DisableIdentity`] (`entrada identity disable`) takes away those that are named, each by itself, and no other:
//! there is no word for all of them, and what stays is repeated. It refuses to take the primary user-assigned identity
//! of a workspace, and the last one of a compute: the interface has no documented way to say that a compute has none.
//! An identity of a resource's own is gone with its object id, so that its roles are left as roles of nobody; a
//! user-assigned one stays what it is elsewhere. What a workspace reaches its storage account and its key vault with
//! is its identity: another one needs its roles first.
//!
//! Roles are given to a managed identity by its client id, its object id, or the resource id of what has it: the
//! identity's own where it is user-assigned, else that of the workspace, the compute or the machine. The directory
//! has that id among the `alternativeNames` of the service principal ([`FindPrincipal`]).
//!
//! ## What is made and unmade
//!
//! A role is looked up before anything is made, by its GUID as by its name. A secret comes last, and where the result
//! cannot be handed over ([`Created::untold`]) the error names the app, the secret and the commands that remove them.
//! [`DeletePrincipal`] takes the roles before the app: without the app nobody could find them. A deletion that is then
//! refused names each role that it took, with the command that gives it back; the same command again goes on. It takes
//! an application id alone: what is the object id of an app is refused, and the application id is named.
//!
//! ## Conditional Access
//!
//! A call that is answered with claims is made once more, with a token for those claims. A credential that may ask
//! a person asks for what is demanded. One that may not fails with
//! [`InteractionRequired`](crate::ErrorKind::InteractionRequired) and the claims
//! ([`Error::claims`](crate::Error::claims)); `entrada login --claims …` satisfies them for later, and the command's
//! error names it with every option that it takes. On behalf of a person they are for the app that sent the person's
//! token: the error has the challenge to answer it with. A managed identity and a job's host can satisfy none. What a policy blocks (AADSTS53003) is `Refused`, and only an
//! administrator can change it: they find the sign-in by the correlation id, and the policy beside it. For an app that
//! is a policy for workload identities, which has to exclude or allow it; no other device helps.
//!
//! ## What is forbidden
//!
//! A 403 of Azure Resource Manager, and one of a workspace's own services, which word it otherwise, comes with the
//! command that gives the role that is missing: to the object id that the refusal names, the least role that allows
//! the action, at the scope. Data of a storage account is apart: neither Contributor nor Owner is a role on it, and
//! the refusal is answered with Storage Blob Data Contributor.
//!
//! ## REST
//!
//! The request sequence of "Manage Azure Machine Learning resources with REST" is an example in both drivers'
//! documentation, under `machine_learning`, to its end: a compute and a workspace are made, waited for and removed.
//! Tests run it against the emulator, which answers a workspace's `PUT` with 202 and a `Location`, as the service does.
//!
//! [`Audiences`]: crate::call::Audiences
//! [`ChooseWorkspace`]: crate::ml::ChooseWorkspace
//! [`Created::untold`]: crate::graph::setup::Created::untold
//! [`DeletePrincipal`]: crate::graph::setup::DeletePrincipal
//! [`DisableIdentity`]: crate::ml::DisableIdentity
//! [`EnableIdentity`]: crate::ml::EnableIdentity
//! [`Expecting`]: crate::Expecting
//! [`FindConfig`]: crate::ml::FindConfig
//! [`FindPrincipal`]: crate::graph::FindPrincipal
//! [`GetWorkspace`]: crate::ml::GetWorkspace
//! [`Graph::beside`]: crate::graph::Graph::beside
//! [`Job::credential`]: crate::ml::Job::credential
//! [`Job::run_token`]: crate::ml::Job::run_token
//! [`ManagedIdentityCredential::refusing_to_guess`]: crate::ManagedIdentityCredential::refusing_to_guess
//! [`OpenEndpoint::accessed`]: crate::ml::OpenEndpoint::accessed
//! [`ResourceManager::beside`]: crate::arm::ResourceManager::beside
//! [`authority`]: crate::ml::authority
