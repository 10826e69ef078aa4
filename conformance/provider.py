"""Countersign as the suite meets it: with TLS of its own, a user who has every claim, and static clients."""

import json
import shutil
import ssl
import subprocess
import time
import urllib.request

import authority
import plans

HOST = "op.test"
PORT = 9443
MTLS_PORT = 9444
ISSUER = f"https://{HOST}:{PORT}"
USERNAME = "jane"
PASSWORD = "correct-horse-battery"
# The static clients' name in the suite: their addresses there contain it.
ALIAS = "countersign"
CLIENT = f"https://localhost.emobix.co.uk:8443/test/a/{ALIAS}"

# All that the scopes profile, email, address and phone give access to (OpenID Connect Core, section 5.4).
CLAIMS = {
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "middle_name": "Mary",
    "nickname": "Janie",
    "preferred_username": "jane",
    "profile": "https://example.org/jane",
    "picture": "https://example.org/jane.png",
    "website": "https://jane.example.org/",
    "gender": "female",
    "birthdate": "1985-10-31",
    "zoneinfo": "Europe/Berlin",
    "locale": "en-US",
    "email": "jane@example.org",
    "email_verified": True,
    "phone_number": "+49301234567",
    "phone_number_verified": True,
    "address": {
        "formatted": "Main Street 1\n10115 Berlin\nGermany",
        "street_address": "Main Street 1",
        "locality": "Berlin",
        "region": "Berlin",
        "postal_code": "10115",
        "country": "Germany",
    },
}

FRONT_CHANNEL = {
    "grant_types": ["authorization_code", "refresh_token", "implicit"],
    "response_types": ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"],
}

# By name: how it authenticates, and what else it registers. A client with a back-channel address of its own would
# be told of the sign-outs of other plans, so each logout plan has its own.
CLIENTS = {
    "basic1": ("client_secret_basic", {}),
    "basic2": ("client_secret_basic", {}),
    "post1": ("client_secret_post", FRONT_CHANNEL),
    "back1": ("client_secret_basic", {"backchannel_logout_uri": f"{CLIENT}/backchannel_logout"}),
    "front1": (
        "client_secret_basic",
        {"frontchannel_logout_uri": f"{CLIENT}/frontchannel_logout", "frontchannel_logout_session_required": True},
    ),
    "front_channel1": ("client_secret_basic", FRONT_CHANNEL),
    "front_channel2": ("client_secret_basic", FRONT_CHANNEL),
    "mtls1": ("tls_client_auth", {"tls_client_auth_san_dns": "mtls1.test"}),
    "mtls2": ("tls_client_auth", {"tls_client_auth_san_dns": "mtls2.test"}),
}


class Provider:
    """A fresh deployment in the work folder."""

    def __init__(self, processes, binary, work):
        self.processes = processes
        self.binary = binary
        self.folder = work / "provider"
        self.ca = work / "ca"
        self.process = None
        self.settings = None
        authority.issue(self.ca)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        # Clients are registered for what one of the plans needs.
        self.configure(plans.FRONT_CHANNEL)
        self.command("user", "create", "--username", USERNAME, "--claims", self.write("claims.json", CLAIMS), "--password-stdin", input=PASSWORD)
        self.clients = {name: self.register(name, *client) for name, client in CLIENTS.items()}
        # The suite registers many clients. Those of a token are vouched for, as an operator's own are.
        self.registration_token = self.command("registration-token", "create", "--note", "conformance")["token"]

    def serve(self, settings):
        """Serves with these settings beside our own."""
        if self.process and self.settings == settings:
            return
        if self.process:
            self.processes.end(self.process)
        self.configure(settings)
        self.settings = settings
        self.process = self.processes.start("provider", [self.binary, "serve", "--config", "countersign.toml"], cwd=self.folder)
        wait_until_ready(f"{ISSUER}/readyz", self.ca / "ca.crt", self.process)

    def rotate_signing_key(self):
        """A new key for RS256, the algorithm that every client of the suite knows."""
        self.command("keys", "rotate", "--alg", "RS256")

    def configure(self, settings):
        ca = self.ca
        (self.folder / "countersign.toml").write_text(
            f"""issuer = "{ISSUER}"
listen = "127.0.0.1:{PORT}"
data_dir = "data"
[tls]
certificate_file = "{ca}/chain.crt"
key_file = "{ca}/server.key"
[client_certificates]
listen = "127.0.0.1:{MTLS_PORT}"
endpoints_url = "https://{HOST}:{MTLS_PORT}"
authorities_file = "{ca}/ca.crt"
[outbound]
extra_ca_path = "{ca}/ca.crt"
allow = ["localhost.emobix.co.uk"]
{settings}"""
        )

    def register(self, name, method, more):
        metadata = {
            "client_name": name,
            "token_endpoint_auth_method": method,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "openid profile email address phone offline_access",
            "redirect_uris": [f"{CLIENT}/callback", f"{CLIENT}/callback?dummy1=lorem&dummy2=ipsum"],
            "post_logout_redirect_uris": [f"{CLIENT}/post_logout_redirect"],
            **more,
        }
        return self.command("client", "create", "--client-id", name, "--metadata", self.write(f"{name}.json", metadata))

    def certificate(self, name):
        """The certificate and key of a client, as the suite wants them."""
        authority.issue_to_client(self.ca, name)
        return {"cert": (self.ca / f"{name}.crt").read_text(), "key": (self.ca / f"{name}.key").read_text()}

    def write(self, name, value):
        path = self.folder / name
        path.write_text(json.dumps(value))
        return path

    def command(self, *words, input=None):
        command = [self.binary, *words, "--json", "--config", "countersign.toml"]
        ended = subprocess.run(command, cwd=self.folder, input=input, text=True, capture_output=True)
        if ended.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, words[:2]))}: {ended.stderr}")
        return json.loads(ended.stdout or "null")


def wait_until_ready(url, ca, process, seconds=120):
    """Waits until the address returns 200."""
    tls = ssl.create_default_context(cafile=ca)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"a process ended with {process.returncode} before {url} was ready: see the logs")
        try:
            with urllib.request.urlopen(url, context=tls, timeout=5) as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"{url} was not ready within {seconds} s")
