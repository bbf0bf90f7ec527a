// Microsoft's identity library for Node against the emulator: what it accepts, and how it reads refusals.
//
// Called with a folder that has @azure/identity among its modules, and with the JSON file that the script for
// Python is called with too. The emulator's CA comes in NODE_EXTRA_CA_CERTS.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, file] = process.argv.slice(2);
const world = JSON.parse(readFileSync(file, "utf8"));
const {
  AzurePipelinesCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  DeviceCodeCredential,
  ManagedIdentityCredential,
  OnBehalfOfCredential,
  WorkloadIdentityCredential,
} = createRequire(join(folder, "package.json"))("@azure/identity");

process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = world.http;
process.env.SYSTEM_OIDCREQUESTURI = world.oidc_request_uri;
const SCOPE = "https://management.azure.com/.default";
const AT = { authorityHost: world.https, disableInstanceDiscovery: true, retryOptions: { maxRetries: 0 } };

async function speaksFor(credential, who, scope = SCOPE) {
  const { token, expiresOnTimestamp } = await credential.getToken(scope);
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  assert.equal(claims.oid, who);
  assert.ok(expiresOnTimestamp > Date.now());
  return token;
}

const refused = (credential, said) => assert.rejects(credential.getToken(SCOPE), (error) => error.message.includes(said));

// A secret, and a machine.
const app = (secret) => new ClientSecretCredential(world.tenant, world.app, secret, AT);
await speaksFor(app(world.secret), world.app_object);
await refused(app("wrong"), "AADSTS7000215");
await speaksFor(new ManagedIdentityCredential(), world.system_identity_object);
await speaksFor(new ManagedIdentityCredential({ clientId: world.user_identity }), world.user_identity_object);
await speaksFor(new DefaultAzureCredential(), world.system_identity_object);

// A certificate: from a file and as text, with its chain and without.
const certified = (client, certificate, more = {}) =>
  new ClientCertificateCredential(world.tenant, client, certificate, { ...AT, ...more });
const pem = readFileSync(world.pem, "utf8");
await speaksFor(certified(world.certificate_app, world.pem), world.certificate_app_object);
await speaksFor(certified(world.certificate_app, { certificate: pem }), world.certificate_app_object);
await refused(certified(world.app, world.pem), "AADSTS700027");
const chain = { sendCertificateChain: true };
await speaksFor(certified(world.subject_name_app, world.renewed, chain), world.subject_name_app_object);
await refused(certified(world.subject_name_app, world.renewed), "AADSTS700027");

// Somebody else's assertion.
const assertion = readFileSync(world.assertion_file, "utf8");
const asserted = (client) => new ClientAssertionCredential(world.tenant, client, async () => assertion, AT);
await speaksFor(asserted(world.federated_app), world.federated_app_object);
await refused(asserted(world.app), "AADSTS70021");
const workload = { ...AT, tenantId: world.tenant, clientId: world.federated_app, tokenFilePath: world.assertion_file };
await speaksFor(new WorkloadIdentityCredential(workload), world.federated_app_object);
const job = (token) =>
  new AzurePipelinesCredential(world.tenant, world.federated_app, world.service_connection, token, AT);
await speaksFor(job(world.system_access_token), world.federated_app_object);
await refused(job("wrong"), "TF400813");

// An API that a person called, and a person at another device.
const middle = (proof) =>
  new OnBehalfOfCredential({
    ...AT,
    tenantId: world.tenant,
    clientId: world.api,
    userAssertionToken: world.caller,
    ...proof,
  });
await speaksFor(middle({ clientSecret: world.api_secret }), world.user_object);
await speaksFor(middle({ certificatePath: world.pem }), world.user_object);
await refused(middle({ clientSecret: "wrong" }), "AADSTS7000215");
const shown = [];
const device = new DeviceCodeCredential({
  ...AT,
  tenantId: world.tenant,
  clientId: world.developer_client,
  userPromptCallback: (prompt) => shown.push(prompt),
});
const given_up = AbortSignal.timeout(1500);
await assert.rejects(device.getToken(SCOPE, { abortSignal: given_up }));
assert.ok(shown[0].verificationUri.startsWith(world.https) && shown[0].userCode.length >= 8);

console.log("@azure/identity agrees");
