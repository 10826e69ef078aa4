"""An MCP application with the official Python SDK. It is told by lines on its standard input what to do, and says in lines of JSON
what came of it.

A line is the name of a tool to call, `expire` to take its access token for expired, or, after it printed {"open": address}, the
address at which the person came back.
"""

import asyncio
import json
import logging
import os
import sys
from urllib.parse import parse_qs, urlparse

from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider, PrivateKeyJWTOAuthProvider, SignedJWTParameters
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

RESOURCE = os.environ["RESOURCE"]
logging.basicConfig(level=logging.INFO)


class Memory:
    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


def say(**what):
    print(json.dumps(what), flush=True)


async def line():
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


async def open_page(address):
    say(open=address)


async def came_back():
    query = {name: values[0] for name, values in parse_qs(urlparse(await line()).query).items()}
    if "error" in query:
        raise PermissionError(query["error"])
    return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


def authorization(storage):
    issuer, client_id = os.environ["ISSUER"], os.environ.get("CLIENT_ID")
    if secret := os.environ.get("CLIENT_SECRET"):
        return ClientCredentialsOAuthProvider(RESOURCE, storage, client_id, secret, scope="notes:read", issuer=issuer)
    if key := os.environ.get("PRIVATE_KEY"):
        signed = SignedJWTParameters(issuer=client_id, subject=client_id, signing_key=key, signing_algorithm="ES256")
        return PrivateKeyJWTOAuthProvider(RESOURCE, storage, client_id, signed.create_assertion_provider(), scope="notes:read", issuer=issuer)
    return OAuthClientProvider(
        RESOURCE,
        OAuthClientMetadata(client_name="Notes app", redirect_uris=[os.environ["CALLBACK"]], token_endpoint_auth_method="none"),
        storage,
        redirect_handler=open_page,
        callback_handler=came_back,
        client_metadata_url=os.environ.get("CLIENT_METADATA_URL"),
    )


def causes(error):
    """What is inside the groups of exceptions that task groups raise."""
    if isinstance(error, BaseExceptionGroup):
        return [cause for inner in error.exceptions for cause in causes(inner)]
    return [f"{type(error).__name__}: {error}"]


async def main():
    storage = Memory()
    provider = authorization(storage)
    say(ready=True)
    while command := await line():
        if command == "expire":
            provider.context.token_expiry_time = 1
            continue
        try:
            async with create_mcp_http_client(auth=provider) as http, Client(streamable_http_client(RESOURCE, http_client=http)) as client:
                result = await client.call_tool(command, {})
                tokens = storage.tokens
                say(
                    result=result.content[0].text,
                    client_id=provider.context.client_info.client_id,
                    access_token=tokens.access_token,
                    refresh_token=tokens.refresh_token,
                )
        except Exception as error:
            say(error=causes(error))


asyncio.run(main())
