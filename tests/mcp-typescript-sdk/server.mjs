// An MCP server with the official TypeScript SDK: it checks our access tokens, by the published keys or by asking the provider,
// and publishes protected resource metadata (RFC 9728) that names the provider.

import { once } from 'node:events';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** A server at `resource`; `verifyAccessToken` is one of the two below. Returns its HTTP server. */
export async function serveMcp(resource, metadata, verifyAccessToken) {
  const url = new URL(resource);
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(url);
  const require = (...requiredScopes) =>
    requireBearerAuth({ verifier: { verifyAccessToken }, requiredScopes, resourceMetadataUrl, expectedResource: url });
  const app = express();
  app.use(express.json());
  app.use(mcpAuthMetadataRouter({ oauthMetadata: metadata, resourceServerUrl: url, scopesSupported: ['notes:read'], resourceName: 'Notes' }));
  app.use(url.pathname, require('notes:read'));
  // The SDK checks scopes for each address, not for each tool. A challenge names all that the operation needs.
  app.use(url.pathname, (request, response, next) =>
    request.body?.params?.name === 'delete_note' ? require('notes:read', 'notes:write')(request, response, next) : next(),
  );
  app.post(url.pathname, async (request, response) => {
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    response.on('close', () => transport.close());
    await notes().connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all(url.pathname, (_, response) => response.status(405).end());
  const server = app.listen(Number(url.port), '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function notes() {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  server.registerTool('whoami', {}, (extra) => said(`${extra.authInfo.extra.sub} by ${extra.authInfo.clientId}`));
  server.registerTool('delete_note', {}, () => said('deleted'));
  return server;
}

function said(text) {
  return { content: [{ type: 'text', text }] };
}

/** RFC 9068, section 4. */
export function byPublishedKeys(metadata, audience) {
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, { issuer: metadata.issuer, audience, typ: 'at+jwt' }).catch((error) => {
      throw new InvalidTokenError(error.message);
    });
    return authInfo(token, payload);
  };
}

/** RFC 7662, as `api`, which may introspect this resource's tokens. */
export function byIntrospection(metadata, api) {
  return async (token) => {
    const answer = await fetch(metadata.introspection_endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${api.client_id}:${api.client_secret}`)}` },
      body: new URLSearchParams({ token }),
    });
    const told = await answer.json();
    if (!told.active) throw new InvalidTokenError('the token is not active');
    return authInfo(token, told);
  };
}

function authInfo(token, { client_id, scope = '', exp, aud, sub }) {
  return { token, clientId: client_id, scopes: scope.split(' '), expiresAt: exp, resource: new URL([aud].flat()[0]), extra: { sub } };
}
