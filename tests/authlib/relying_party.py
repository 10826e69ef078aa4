"""A web application that signs people in with Authlib's Flask client, and an API that it protects with Authlib.

What a test wants to know is shown as JSON. Configured by the environment, as a deployment would be.
"""

import os

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Flask, jsonify, redirect, request, session, url_for
from joserfc.jwk import ECKey

ISSUER = os.environ["ISSUER"]
METADATA = f"{ISSUER}/.well-known/openid-configuration"
METHOD = os.environ["AUTH_METHOD"]

app = Flask(__name__)
app.secret_key = os.urandom(32)

oauth = OAuth(app)
secret = os.environ["CREDENTIAL"]
if METHOD == "private_key_jwt":
    # Authlib takes a text for an RSA key.
    secret = ECKey.import_key(secret)
assertions = {"private_key_jwt": [PrivateKeyJWT(alg="ES256")], "client_secret_jwt": [ClientSecretJWT()]}
oauth.register(
    "countersign",
    server_metadata_url=METADATA,
    client_id=os.environ["CLIENT_ID"],
    client_secret=secret,
    client_kwargs={
        "scope": "openid profile email offline_access",
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": METHOD,
    },
    client_auth_methods=assertions.get(METHOD),
)
# The session that a browser's cookie names; a cookie itself is too small for tokens.
tokens = {}


@app.get("/login")
def login():
    extra = {"prompt": "consent"} | {name: value for name, value in request.args.items()}
    return oauth.countersign.authorize_redirect(url_for("callback", _external=True), **extra)


@app.get("/callback")
def callback():
    token = oauth.countersign.authorize_access_token()
    tokens[token["userinfo"]["sub"]] = token
    session["sub"] = token["userinfo"]["sub"]
    return redirect(url_for("home"))


@app.get("/")
def home():
    token = tokens.get(session.get("sub"))
    return jsonify(token and {"claims": token["userinfo"], "expires_in": token["expires_in"], "scope": token["scope"]})


@app.get("/userinfo")
def userinfo():
    return jsonify(oauth.countersign.userinfo(token=tokens[session["sub"]]))


@app.get("/refresh")
def refresh():
    """Authlib renews a token by itself once it has expired; this one is told that it has."""
    client = oauth.countersign
    before = tokens[session["sub"]]
    renewed = {}
    client._update_token = lambda token, **_: renewed.update(token)
    response = client.get(client.load_server_metadata()["userinfo_endpoint"], token=before | {"expires_at": 1})
    response.raise_for_status()
    tokens[session["sub"]] = before | dict(renewed)
    return jsonify({"email": response.json()["email"], "renewed": renewed["access_token"] != before["access_token"]})


@app.get("/revoke")
def revoke():
    """RFC 7009, then what RFC 7662 says of the revoked token, and what the refresh token is still good for."""
    metadata = oauth.countersign.load_server_metadata()
    token = tokens[session["sub"]]
    with session_of_its_own() as client:
        active = client.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
        client.revoke_token(metadata["revocation_endpoint"], token=token["refresh_token"]).raise_for_status()
        revoked = client.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
        try:
            client.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
            error = None
        except OAuthError as caught:
            error = caught.error
    return jsonify({"before": active, "after": revoked, "refresh": error})


@app.get("/robot")
def robot():
    """Client credentials (RFC 6749, section 4.4) for a resource (RFC 8707)."""
    with session_of_its_own() as client:
        endpoint = oauth.countersign.load_server_metadata()["token_endpoint"]
        return jsonify(client.fetch_token(endpoint, grant_type="client_credentials", **request.args))


def session_of_its_own():
    client = OAuth2Session(oauth.countersign.client_id, secret, token_endpoint_auth_method=METHOD, revocation_endpoint_auth_method=METHOD)
    for method in oauth.countersign.client_auth_methods or []:
        client.register_client_auth_method(method)
    return client


@app.get("/logout")
def logout():
    token = tokens.pop(session.pop("sub"))
    return oauth.countersign.logout_redirect(url_for("signed_out", _external=True), id_token_hint=token["id_token"], state=os.urandom(8).hex())


@app.get("/signed-out")
def signed_out():
    oauth.countersign.validate_logout_response()
    return jsonify({"signed_out": True})


@app.errorhandler(OAuthError)
def refused(error):
    return jsonify({"error": error.error, "description": error.description}), 400


class AccessToken(JWTBearerTokenValidator):
    """RFC 9068, section 4, by the published keys."""

    def get_jwks(self):
        return oauth.countersign.fetch_jwk_set()


require = ResourceProtector()
require.register_token_validator(AccessToken(issuer=ISSUER, resource_server=os.environ["RESOURCE"]))


@app.get("/orders")
@require("orders:read")
def orders():
    return jsonify({"sub": current_token["sub"], "client_id": current_token["client_id"]})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
