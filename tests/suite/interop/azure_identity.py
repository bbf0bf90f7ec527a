"""Microsoft's own identity library for Python against the emulator: what it accepts, and how it reads refusals.

Called with the addresses of a served emulator and its CA: HTTP HTTPS CA TENANT CLIENT SECRET USER_CLIENT.
"""

import os
import sys

http, https, ca, tenant, client, secret, identity = sys.argv[1:]
for name in [name for name in os.environ if name.startswith(("AZURE_", "IDENTITY_", "MSI_", "IMDS_"))]:
    del os.environ[name]
os.environ["REQUESTS_CA_BUNDLE"] = ca
os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = http

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, DefaultAzureCredential, DeviceCodeCredential, ManagedIdentityCredential

SCOPE = "https://management.azure.com/.default"
AT = {"authority": https, "disable_instance_discovery": True}


def refused(call, said):
    try:
        call()
    except ClientAuthenticationError as error:
        assert said in str(error), f"{said} is not in: {error}"
    else:
        raise AssertionError(f"expected a refusal with {said}")


def app(secret=secret, tenant=tenant, client=client):
    return ClientSecretCredential(tenant, client, secret, **AT)


assert app().get_token(SCOPE).token.count(".") == 2
assert app().get_token(SCOPE, enable_cae=True).expires_on - app().get_token(SCOPE).expires_on > 3600 * 12
refused(lambda: app(secret="wrong").get_token(SCOPE), "AADSTS7000215")
refused(lambda: app(client="00000000-0000-0000-0000-000000000001").get_token(SCOPE), "AADSTS700016")
refused(lambda: app().get_token("https://management.azure.com/user_impersonation"), "AADSTS")
assert ManagedIdentityCredential().get_token(SCOPE).token
assert ManagedIdentityCredential(client_id=identity).get_token(SCOPE).token
assert DefaultAzureCredential().get_token(SCOPE).token

shown = []
device = DeviceCodeCredential(prompt_callback=lambda *prompt: shown.append(prompt), timeout=1, **AT)
refused(lambda: device.get_token(SCOPE), "Timed out")
assert shown and shown[0][0].startswith(https), shown
print("azure-identity agrees")
