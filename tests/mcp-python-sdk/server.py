"""An MCP server with the official Python SDK: it checks our access tokens, by the published keys or by asking the provider, and
publishes protected resource metadata (RFC 9728) that names the provider.
"""

import json
import os

import anyio
import httpx2
import jwt
import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer

ISSUER = os.environ["ISSUER"]
RESOURCE = os.environ["RESOURCE"]
API_ID, API_SECRET = os.environ.get("API_ID"), os.environ.get("API_SECRET")


class ByPublishedKeys(TokenVerifier):
    """RFC 9068, section 4."""

    def __init__(self):
        self.keys = jwt.PyJWKClient(f"{ISSUER}/jwks")

    async def verify_token(self, token):
        return await anyio.to_thread.run_sync(self.check, token)

    def check(self, token):
        try:
            if jwt.get_unverified_header(token)["typ"] != "at+jwt":
                return None
            key = self.keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key, algorithms=["RS256", "ES256"], issuer=ISSUER, audience=RESOURCE)
        except jwt.PyJWTError:
            return None
        return access_token(token, claims)


class ByIntrospection(TokenVerifier):
    """RFC 7662, as a client that may introspect this resource's tokens."""

    async def verify_token(self, token):
        async with httpx2.AsyncClient(auth=(API_ID, API_SECRET)) as http:
            told = (await http.post(f"{ISSUER}/introspect", data={"token": token})).json()
        return access_token(token, told) if told["active"] else None


def access_token(token, claims):
    return AccessToken(
        token=token,
        client_id=claims["client_id"],
        scopes=claims.get("scope", "").split(),
        expires_at=claims["exp"],
        resource=claims["aud"] if isinstance(claims["aud"], str) else claims["aud"][0],
        subject=claims["sub"],
        claims=claims,
    )


server = MCPServer(
    "notes",
    token_verifier=ByIntrospection() if API_ID else ByPublishedKeys(),
    auth=AuthSettings(issuer_url=ISSUER, resource_server_url=RESOURCE, required_scopes=["notes:read"], validate_token_resource=True),
)


@server.tool()
def whoami() -> str:
    token = get_access_token()
    return f"{token.subject} by {token.client_id}"


@server.tool()
def delete_note() -> str:
    return "deleted"


class ScopeOfATool:
    """The SDK checks scopes for the server as a whole; this challenges for one tool, naming all that it needs."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        token = getattr(scope.get("user"), "access_token", None)
        if scope["type"] != "http" or scope["method"] != "POST" or not token:
            return await self.app(scope, receive, send)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        called = json.loads(body or b"{}").get("params", {}).get("name")
        if called == "delete_note" and "notes:write" not in token.scopes:
            challenge = f'Bearer error="insufficient_scope", scope="notes:read notes:write", resource_metadata="{METADATA}"'
            await send({"type": "http.response.start", "status": 403, "headers": [(b"www-authenticate", challenge.encode())]})
            return await send({"type": "http.response.body", "body": b""})
        sent = False

        async def again():
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        return await self.app(scope, again, send)


origin, path = RESOURCE.removesuffix("/mcp"), "/mcp"
METADATA = f"{origin}/.well-known/oauth-protected-resource{path}"

if __name__ == "__main__":
    app = server.streamable_http_app(streamable_http_path=path, json_response=True, stateless_http=True)
    # Innermost, so that the SDK has authenticated the request by then.
    app.add_middleware(ScopeOfATool)
    app.user_middleware.append(app.user_middleware.pop(0))
    uvicorn.run(app, host="127.0.0.1", port=int(origin.rsplit(":", 1)[1]), log_level="info")
