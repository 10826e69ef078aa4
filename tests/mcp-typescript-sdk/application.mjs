// An MCP application with the official TypeScript SDK, which keeps everything in memory, and the person who uses it.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { authorize } from '../harness/browser.mjs';

/** The SDK's `OAuthClientProvider`. */
export class Application {
  constructor(relyingParty, metadata = {}) {
    this.redirectUrl = relyingParty.callback;
    this.relyingParty = relyingParty;
    this.clientMetadata = {
      client_name: 'Notes app',
      redirect_uris: [relyingParty.callback],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...metadata,
    };
    /** What it stored, and the address to which it last sent the person. */
    this.stored = {};
    this.authorizationUrl = undefined;
  }

  state() {
    return (this.expectedState = crypto.randomUUID());
  }

  clientInformation() {
    return this.stored.client;
  }

  saveClientInformation(client) {
    this.stored.client = client;
  }

  tokens() {
    return this.stored.tokens;
  }

  saveTokens(tokens) {
    this.stored.tokens = tokens;
  }

  saveCodeVerifier(verifier) {
    this.stored.verifier = verifier;
  }

  codeVerifier() {
    return this.stored.verifier;
  }

  invalidateCredentials(scope) {
    if (scope === 'all' || scope === 'client') delete this.stored.client;
    if (scope === 'all' || scope === 'tokens') delete this.stored.tokens;
  }

  redirectToAuthorization(url) {
    this.authorizationUrl = url;
  }

  /** A connected client; a person who has to is sent through the pages. */
  async connect(resource, page, user) {
    const transport = this.transport(resource);
    const client = new Client({ name: 'notes-app', version: '1.0.0' });
    try {
      await client.connect(transport);
      return client;
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
    }
    await this.letThePersonIn(transport, page, user);
    return this.connect(resource, page, user);
  }

  transport(resource) {
    return new StreamableHTTPClientTransport(new URL(resource), { authProvider: this });
  }

  /** From the authorization request to the tokens. */
  async letThePersonIn(transport, page, user) {
    const url = this.authorizationUrl;
    this.authorizationUrl = undefined;
    this.passed = await authorize(page, url, user, this.relyingParty);
    const callback = new URL((await this.relyingParty.arrival()).url).searchParams;
    assert.equal(callback.get('error'), null, `${callback}`);
    assert.equal(callback.get('state'), this.expectedState);
    // MCP 2026-07-28, "Authorization Response Validation". The SDK leaves it to the application.
    assert.equal(callback.get('iss'), new URL(url).origin);
    await transport.finishAuth(callback.get('code'));
  }
}

export async function call(client, name) {
  const { content } = await client.callTool({ name });
  return content[0].text;
}
