"""MSAL for Python and entrada on one token cache: each reads what the other wrote, and leaves alone what it does not know.

Called with HTTPS CA TENANT CLIENT SECRET TOOL USER ENTRADA CACHE, where ENTRADA is the command, and CACHE
the file that both use. Who reads standard error signs in where the prompts there say.
"""

import json
import os
import subprocess
import sys

https, ca, tenant, app_id, secret, tool, user, entrada, path = sys.argv[1:]
os.environ["REQUESTS_CA_BUNDLE"] = ca

import msal
from azure.identity import AuthenticationRecord
from msal_extensions import FilePersistence, PersistedTokenCache

SCOPE = "https://management.azure.com/.default"
VAULT = "https://vault.azure.net/.default"


def client(kind=msal.PublicClientApplication, client_id=tool, **more):
    cache = PersistedTokenCache(FilePersistence(path))
    authority = f"{https}/{tenant}"
    return kind(client_id, authority=authority, instance_discovery=False, token_cache=cache, **more)


def token_by_entrada(credential, resource, *more):
    command = [entrada, "token", "--credential", credential, "--resource", resource, "--tenant-id", tenant, *more]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def document():
    with open(path) as file:
        return json.load(file)


def secrets(section):
    return [entry["secret"] for entry in document().get(section, {}).values() if "secret" in entry]


# MSAL signs in and writes; entrada finds the token, and redeems MSAL's refresh token for another resource.
mine = client()
flow = mine.initiate_device_flow([SCOPE])
print(flow["message"], file=sys.stderr, flush=True)
signed_in = mine.acquire_token_by_device_flow(flow)
assert "access_token" in signed_in, signed_in
with open(path) as file:
    strange = json.load(file)
# MSAL for Python itself needs the time.
strange["AccessToken"]["strange"] = {"foo": "bar", "expires_on": "9999999999"}
strange["Unknown"] = {"kept": [1, None, {"a": "b"}]}
for account in strange["Account"].values():
    account["wam_account_ids"] = {"x": "y"}
with open(path, "w") as file:
    json.dump(strange, file)
found, told = token_by_entrada("shared-cache", "https://management.azure.com", "-v")
assert found["accessToken"] == signed_in["access_token"] and "POST" not in told, told
redeemed, told = token_by_entrada("shared-cache", "https://vault.azure.net", "-v")
assert redeemed["identity"]["username"] == user and told.count("POST") == 1, told

# What entrada does not know is as it was, and MSAL goes on with what entrada wrote, without a request.
after = document()
assert after["AccessToken"]["strange"] == strange["AccessToken"]["strange"] and after["Unknown"] == strange["Unknown"]
assert all(account["wam_account_ids"] == {"x": "y"} for account in after["Account"].values())
assert len(after["RefreshToken"]) == len(strange["RefreshToken"]), "one refresh token still"
assert secrets("RefreshToken") != [entry["secret"] for entry in strange["RefreshToken"].values()], "rotated"
theirs = client()
[account] = theirs.get_accounts(user)
silent = theirs.acquire_token_silent([VAULT], account)
assert silent["access_token"] == redeemed["accessToken"] and silent["token_source"] == "cache", silent["token_source"]
fresh = theirs.acquire_token_silent([SCOPE], account, force_refresh=True)
assert fresh["token_source"] == "identity_provider" and fresh["access_token"] != found["accessToken"]
assert token_by_entrada("shared-cache", "https://management.azure.com")[0]["accessToken"] == fresh["access_token"]

# Tokens of apps, both ways.
confidential = client(msal.ConfidentialClientApplication, app_id, client_credential=secret)
written = confidential.acquire_token_for_client([SCOPE])
os.environ["AZURE_CLIENT_SECRET"] = secret
app = ("--keep-app-tokens", "--client-id", app_id)
found, told = token_by_entrada("client-secret", "https://management.azure.com", *app, "-v")
assert found["accessToken"] == written["access_token"] and "POST" not in told, told
written, _ = token_by_entrada("client-secret", "https://vault.azure.net", *app)
found = client(msal.ConfidentialClientApplication, app_id, client_credential=secret).acquire_token_for_client([VAULT])
assert found["access_token"] == written["accessToken"] and found["token_source"] == "cache"

# Signing out by one is signing out for the other.
leaving = client()
leaving.remove_account(leaving.get_accounts(user)[0])
assert not secrets("RefreshToken"), "MSAL removes what entrada wrote, by its own keys"
refused = subprocess.run([entrada, "whoami"], capture_output=True, text=True)
assert refused.returncode == 3, refused

# And the other way round: entrada signs in, MSAL is silent, entrada signs out.
login = [entrada, "login", "--device-code", "--tenant-id", tenant, "-o", "json"]
login = subprocess.run(login, stdout=subprocess.PIPE, text=True)
assert login.returncode == 0
record = AuthenticationRecord.deserialize(login.stdout)
assert (record.username, record.client_id, record.tenant_id) == (user, tool, tenant), login.stdout
heir = client()
[account] = heir.get_accounts(user)
assert account["home_account_id"] == record.home_account_id
silent = heir.acquire_token_silent([SCOPE], account)
assert silent["token_source"] == "cache", silent["token_source"]
assert heir.acquire_token_silent([VAULT], account)["token_source"] == "identity_provider"
assert token_by_entrada("shared-cache", "https://vault.azure.net", "-v")[1].count("POST") == 0
assert subprocess.run([entrada, "logout"], stdout=subprocess.PIPE).returncode == 0
assert not client().get_accounts() and not secrets("RefreshToken") and not secrets("IdToken")
assert document()["Unknown"] == strange["Unknown"]
print("msal agrees")
