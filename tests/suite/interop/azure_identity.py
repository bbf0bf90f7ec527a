"""Microsoft's own identity library for Python against the emulator: what it accepts, and how it reads refusals.

Called with a JSON file: the addresses of a served emulator, its CA, and who is in its world.
"""

import base64
import json
import os
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

world = SimpleNamespace(**json.loads(Path(sys.argv[1]).read_text()))
for name in [name for name in os.environ if name.startswith(("AZURE_", "IDENTITY_", "MSI_", "IMDS_", "SYSTEM_"))]:
    del os.environ[name]
os.environ["REQUESTS_CA_BUNDLE"] = world.ca
os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = world.http
os.environ["SYSTEM_OIDCREQUESTURI"] = world.oidc_request_uri
warnings.simplefilter("ignore", DeprecationWarning)

import person as person_at
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import (
    AuthorizationCodeCredential,
    AzurePipelinesCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    OnBehalfOfCredential,
    UsernamePasswordCredential,
    WorkloadIdentityCredential,
)

SCOPE = "https://management.azure.com/.default"
AT = {"authority": world.https, "disable_instance_discovery": True}
NOBODY = "00000000-0000-0000-0000-000000000001"


def refused(credential, said, scope=SCOPE, **options):
    try:
        credential.get_token(scope, **options)
    except ClientAuthenticationError as error:
        assert said in str(error), f"{said} is not in: {error}"
    else:
        raise AssertionError(f"expected a refusal with {said}")


def speaks_for(credential, who, scope=SCOPE, **options):
    token = credential.get_token(scope, **options).token
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["oid"] == who, f"{claims['oid']} is not {who}"
    return token


def app(**changed):
    given = {"tenant_id": world.tenant, "client_id": world.app, "client_secret": world.secret} | changed
    return ClientSecretCredential(**given, **AT)


# A secret, and a machine.
speaks_for(app(), world.app_object)
assert app().get_token(SCOPE, enable_cae=True).expires_on - app().get_token(SCOPE).expires_on > 3600 * 12
refused(app(client_secret="wrong"), "AADSTS7000215")
refused(app(client_id=NOBODY), "AADSTS700016")
refused(app(), "AADSTS", scope="https://management.azure.com/user_impersonation")
speaks_for(ManagedIdentityCredential(), world.system_identity_object)
speaks_for(ManagedIdentityCredential(client_id=world.user_identity), world.user_identity_object)
assert DefaultAzureCredential().get_token(SCOPE).token

# A certificate: from a file and from bytes, PEM and PKCS #12, with its chain and without.
pem, pfx = Path(world.pem).read_bytes(), Path(world.pfx).read_bytes()


def certified(client=world.certificate_app, **how):
    return CertificateCredential(world.tenant, client, **how, **AT)


speaks_for(certified(certificate_path=world.pem), world.certificate_app_object)
speaks_for(certified(certificate_data=pem), world.certificate_app_object)
speaks_for(certified(certificate_data=pem, send_certificate_chain=True), world.certificate_app_object)
speaks_for(certified(certificate_path=world.pfx, password=world.pfx_password), world.certificate_app_object)
speaks_for(certified(certificate_data=pfx, password=world.pfx_password.encode()), world.certificate_app_object)
refused(certified(world.app, certificate_data=pem), "AADSTS700027")
renewed = {"certificate_path": world.renewed}
speaks_for(certified(world.subject_name_app, **renewed, send_certificate_chain=True), world.subject_name_app_object)
refused(certified(world.subject_name_app, **renewed), "AADSTS700027")

# Somebody else's assertion.
assertion = Path(world.assertion_file).read_text()
speaks_for(
    ClientAssertionCredential(world.tenant, world.federated_app, lambda: assertion, **AT), world.federated_app_object
)
refused(ClientAssertionCredential(world.tenant, world.app, lambda: assertion, **AT), "AADSTS70021")
refused(ClientAssertionCredential(world.tenant, world.federated_app, lambda: "x.y.z", **AT), "AADSTS")
workload = {"tenant_id": world.tenant, "token_file_path": world.assertion_file}
speaks_for(WorkloadIdentityCredential(client_id=world.federated_app, **workload, **AT), world.federated_app_object)
machine = ManagedIdentityCredential(client_id=world.user_identity)
exchange = lambda: machine.get_token("api://AzureADTokenExchange/.default").token
speaks_for(
    ClientAssertionCredential(world.tenant, world.federated_app, exchange, **AT), world.federated_app_object
)


def job(**changed):
    given = {
        "tenant_id": world.tenant,
        "client_id": world.federated_app,
        "service_connection_id": world.service_connection,
        "system_access_token": world.system_access_token,
    } | changed
    return AzurePipelinesCredential(**given, **AT)


speaks_for(job(), world.federated_app_object)
refused(job(system_access_token="wrong"), "TF400813")
refused(job(service_connection_id=NOBODY), "No service connection found")

# People with a password, federated ones too.


class WithPort(RequestsTransport):
    """MSAL asks for the realm of a user at the authority's host, and leaves its port out."""

    def send(self, request, **options):
        portless = world.https.rpartition(":")[0] + "/"
        request.url = request.url.replace(portless, world.https + "/")
        return super().send(request, **options)


def person(username, password, client=world.developer_client):
    return UsernamePasswordCredential(
        client, username, password, tenant_id=world.tenant, transport=WithPort(), **AT
    )


speaks_for(person(world.user, world.password), world.user_object)
speaks_for(person(world.federated_user, world.federated_password), world.federated_user_object)
refused(person(world.user, "wrong"), "AADSTS50126")
refused(person(world.mfa_user, world.mfa_password), "AADSTS50076")
refused(person(world.federated_user, "wrong"), "")

# An API that somebody called.
caller = speaks_for(person(world.user, world.password), world.user_object, scope=world.api_scope)


def middle(**how):
    return OnBehalfOfCredential(world.tenant, world.api, **({"user_assertion": caller} | how), **AT)


speaks_for(middle(client_secret=world.api_secret), world.user_object)
speaks_for(middle(client_certificate=pem), world.user_object)
speaks_for(middle(client_certificate=pem, send_certificate_chain=True), world.user_object)
speaks_for(middle(client_certificate=pfx, password=world.pfx_password), world.user_object)
refused(middle(client_secret="wrong"), "AADSTS7000215")
unfit = person(world.user, world.password).get_token(SCOPE).token
refused(middle(client_secret=world.api_secret, user_assertion=unfit), "AADSTS50013")
nobodys = app().get_token(world.api_scope.rsplit("/", 1)[0] + "/.default").token
refused(middle(client_secret=world.api_secret, user_assertion=nobodys), "AADSTS7000114")

# A code that came back already: once, and then with the refresh token it brought.
coded = AuthorizationCodeCredential(
    world.tenant, world.app, world.code, world.redirect_uri, client_secret=world.secret, **AT
)
speaks_for(coded, world.user_object)
speaks_for(coded, world.user_object, claims='{"access_token":{"xms_cc":{"values":["cp1"]}}}')
again = AuthorizationCodeCredential(
    world.tenant, world.app, world.code, world.redirect_uri, client_secret=world.secret, **AT
)
refused(again, "AADSTS54005")

# By variables.
for variables, who in [
    ({"AZURE_CLIENT_SECRET": world.secret, "AZURE_CLIENT_ID": world.app}, world.app_object),
    (
        {
            "AZURE_CLIENT_CERTIFICATE_PATH": world.pfx,
            "AZURE_CLIENT_CERTIFICATE_PASSWORD": world.pfx_password,
            "AZURE_CLIENT_ID": world.certificate_app,
        },
        world.certificate_app_object,
    ),
    (
        {
            "AZURE_USERNAME": world.user,
            "AZURE_PASSWORD": world.password,
            "AZURE_CLIENT_ID": world.developer_client,
        },
        world.user_object,
    ),
]:
    variables |= {"AZURE_TENANT_ID": world.tenant, "AZURE_AUTHORITY_HOST": world.https}
    os.environ.update(variables)
    speaks_for(EnvironmentCredential(disable_instance_discovery=True, transport=WithPort()), who)
    for name in variables:
        del os.environ[name]

# People at a browser: of another device, and of this one. The second token needs no person.
shown = []
device = DeviceCodeCredential(prompt_callback=lambda *prompt: shown.append(prompt), timeout=1, **AT)
refused(device, "Timed out")
assert shown and shown[0][0].startswith(world.https), shown
GRAPH = "https://graph.microsoft.com/.default"


def approve(address, user_code, _):
    person_at.walk(address, world.user, world.password, otc=user_code)


device = DeviceCodeCredential(tenant_id=world.tenant, prompt_callback=approve, **AT)
speaks_for(device, world.user_object)
speaks_for(device, world.user_object, scope=GRAPH)

os.environ["PERSON_NAME"], os.environ["PERSON_PASSWORD"] = world.user, world.password
os.environ["BROWSER"] = f"{sys.executable} {person_at.__file__} %s &"
browser = InteractiveBrowserCredential(tenant_id=world.tenant, login_hint=world.user, timeout=60, **AT)
speaks_for(browser, world.user_object)
speaks_for(browser, world.user_object, scope=GRAPH)
print("azure-identity agrees")
