//! # The command line
//!
//! `entrada --help` and `entrada VERB --help` have every option. This chapter shows what `entrada doctor` prints.
//!
//! It asks every source of the default chain, Azure Pipelines and the host of a job of Azure Machine Learning at once, and
//! tells of each what was found, what was asked, what came back and what to do, on one line. It shows no token and no
//! secret. In these listings lines are cut short or folded.
//!
//! A secret that is wrong. The exit code is 1, or 0 where another source works:
//!
//! ```text
//! SOURCE               RESULT   FOUND, ASKED, ANSWERED
//! environment          refused  set: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET; asked: POST https://login…;
//!     login.microsoftonline.com refused a token for the app (client_credentials): the client secret is wrong; often the
//!     secret's ID was given instead of its value (invalid_client, AADSTS7000215); correlation id b65d9b64-c8dd-…
//!     -> create a client secret in the app registration and use its Value
//!
//! default chain   stops at environment, which is broken
//! ```
//!
//! A laptop with nothing set up, on a network that swallows what is sent to the metadata service. The second that is waited
//! for that service is all it takes; where its address cannot be reached, it takes some milliseconds:
//!
//! ```text
//! $ env -u AZURE_POD_IDENTITY_AUTHORITY_HOST bash -c 'time entrada doctor'
//! SOURCE               RESULT  FOUND, ASKED, ANSWERED
//! environment          absent  no service principal is described by environment variables -> set AZURE_TENANT_ID,…
//! workload-identity    absent  no workload identity is set up here: there is no AZURE_TENANT_ID, no AZURE_CLIENT_…
//! managed-identity     absent  asked: read /opt/azcmagent/bin/himds, then GET http://169.254.169.254/metadata/ide…
//! shared-cache         absent  asked: look into the token cache msal.cache.nocae; nobody is signed in: no account…
//! visual-studio-code   absent  asked: read /home/jo/.azure/ms-azuretools.vscode-azureresourcegroups/authRecord.js…
//! azure-cli            absent  asked: run az account get-access-token --output json --scope https://management.az…
//! azure-powershell     absent  asked: run pwsh -NoProfile -NonInteractive -EncodedCommand (2536 bytes); Azure Pow…
//! azure-developer-cli  absent  asked: run azd auth token --output json --no-prompt --scope https://management.azu…
//! azure-pipelines      absent  this is no job of Azure Pipelines: SYSTEM_OIDCREQUESTURI is not set -> run it as a…
//! azure-ml-on-behalf…  absent  this is no job of Azure Machine Learning that gives tokens of a person (there is n…
//!
//! default chain   finds nothing
//! cloud           AzureCloud (https://login.microsoftonline.com)
//! variables set   none
//! proxy           none
//! workspace file  no config.json of a workspace was found in . or the folders above it
//! error: no credential is available here; tried environment, workload-identity, managed-identity, …
//!   help: azure-cli: install it (https://aka.ms/azure-cli) and run `az login`; or set up another of them
//!
//! real    0m1.019s
//! ```
