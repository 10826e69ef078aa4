// The official TypeScript SDK of the Model Context Protocol, as client and as protected server: it registers itself or presents
// a metadata document, signs a person in through the pages, calls tools, renews, steps up, and is refused what must be.

import { ClientCredentialsProvider, PrivateKeyJwtProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { exchangeAuthorization, startAuthorization, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { after, before, beforeEach, describe, test } from 'node:test';
import { decodeJwt, exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { authorize, follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { Authority } from '../harness/certificates.mjs';
import { alice, bob } from '../harness/people.mjs';
import { freePort, Provider } from '../harness/provider.mjs';
import { RelyingParty } from '../harness/relying_party.mjs';
import { Application, call } from './application.mjs';
import { byIntrospection, byPublishedKeys, serveMcp } from './server.mjs';

let provider, metadata, browser, relyingParty, documents, authority;
/** One resource whose server checks tokens by the keys, and one whose server asks the provider. */
let keyed, introspected;
/** A server at a bare origin, which the SDK writes with a slash, and the provider's configuration without. */
let origin;
const servers = [];

before(async () => {
  keyed = `http://127.0.0.1:${await freePort()}/mcp`;
  introspected = `http://127.0.0.1:${await freePort()}/mcp`;
  origin = `http://127.0.0.1:${await freePort()}`;
  authority = new Authority();
  provider = await Provider.start(`
registration.open = true
registration.clients_per_network = 100
client_documents.enabled = true
outbound.allow = ["localhost"]
outbound.extra_ca_path = "${authority.path}"
[resources."${keyed}"]
scopes = ["notes:read", "notes:write"]
[resources."${introspected}"]
scopes = ["notes:read", "notes:write"]
access_token_format = "opaque"
introspecting_clients = ["notes-api"]
[resources."${origin}"]
scopes = ["notes:read", "notes:write"]
`);
  for (const user of [alice, bob]) await provider.createUser(user);
  const api = await provider.createClient({ client_id: 'notes-api', client_name: 'Notes API', grant_types: ['client_credentials'], response_types: [] });
  metadata = await (await fetch(`${provider.issuer}/.well-known/oauth-authorization-server`)).json();
  servers.push(await serveMcp(keyed, metadata, byPublishedKeys(metadata, keyed)));
  servers.push(await serveMcp(introspected, metadata, byIntrospection(metadata, api)));
  servers.push(await serveMcp(`${origin}/`, metadata, byPublishedKeys(metadata, origin)));
  relyingParty = await RelyingParty.start();
  documents = await serveDocuments(authority.issue('localhost'));
  browser = await launch();
});

beforeEach(() => relyingParty.forget());

after(async () => {
  await browser?.close();
  relyingParty?.stop();
  authority?.remove();
  for (const server of [...servers, documents?.server]) server?.close();
  assert.equal(await provider?.stop(), 0, provider?.log);
});

/** Client metadata documents over https; `documents.at(path, change)` publishes one. */
async function serveDocuments(certificate) {
  const published = new Map();
  const server = createServer(certificate, (request, response) => {
    const document = published.get(request.url);
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    at(path, change = {}) {
      const client_id = `https://localhost:${server.address().port}${path}`;
      published.set(path, { ...DOCUMENT, client_id, redirect_uris: [relyingParty.callback], ...change });
      return client_id;
    },
  };
}

const DOCUMENT = { client_name: 'Documented app', grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none' };

describe('a client that registers itself', () => {
  for (const [how, resource] of [['by the published keys', () => keyed], ['by introspection', () => introspected]]) {
    test(`signs in and calls a tool of a server that checks its token ${how}; then it renews it`, async () => {
      const application = new Application(relyingParty);
      const page = await person(browser);
      const client = await application.connect(resource(), page, alice);
      assert.deepEqual(application.passed, ['login', 'consent']);
      assert.match(await call(client, 'whoami'), new RegExp(`^\\S+ by ${application.stored.client.client_id}$`));
      if (resource() === keyed) {
        const token = decodeJwt(application.stored.tokens.access_token);
        assert.equal(token.aud, keyed);
        assert.equal(token.scope, 'notes:read');
      }

      // The server refuses the token: the SDK renews it and tries again.
      const first = application.stored.tokens;
      application.stored.tokens = { ...first, access_token: 'no-longer-valid' };
      assert.ok(await call(client, 'whoami'));
      assert.notEqual(application.stored.tokens.refresh_token, first.refresh_token, 'rotated, as the client is public');
      assert.equal(application.authorizationUrl, undefined, 'no one was asked');
    });
  }

  test('signs in to a server at a bare origin, with and without the slash', async () => {
    for (const resource of [origin, `${origin}/`]) {
      const application = new Application(relyingParty);
      const client = await application.connect(resource, await person(browser), alice);
      assert.ok(await call(client, 'whoami'));
      assert.equal(decodeJwt(application.stored.tokens.access_token).aud, origin, 'as it is declared');
    }
  });

  test('is sent to the pages with PKCE, the resource, and the scope of the challenge; they name it and where it leads', async () => {
    const application = new Application(relyingParty);
    await assert.rejects(new Client({ name: 'a', version: '1' }).connect(application.transport(keyed)), UnauthorizedError);
    const asked = application.authorizationUrl.searchParams;
    assert.equal(asked.get('resource'), keyed);
    assert.equal(asked.get('scope'), 'notes:read');
    assert.equal(asked.get('code_challenge_method'), 'S256');
    const page = await person(browser);
    await page.goto(application.authorizationUrl.href);
    await signIn(page, bob);
    const text = await page.innerText('body');
    assert.match(text, /Notes app/);
    assert.match(text, /127\.0\.0\.1/);
    // No one vouches for it, so even a no goes there by a link only.
    await follow(page, () => page.click(ids.deny));
    assert.equal(new URL(page.url()).origin, provider.issuer);
    assert.equal(relyingParty.arrivals.length, 0);
    await page.locator(`a[href^="${relyingParty.callback}"]`).click();
    const callback = new URL((await relyingParty.arrival()).url).searchParams;
    assert.equal(callback.get('error'), 'access_denied');
    assert.equal(callback.get('state'), application.expectedState);
    assert.equal(callback.get('iss'), provider.issuer);
  });

  test('registers again when its registration is gone, and asks again when its grant is', async () => {
    const application = new Application(relyingParty);
    const page = await person(browser);
    const client = await application.connect(keyed, page, alice);
    const registered = application.stored.client.client_id;
    await provider.command(['client', 'revoke-grants', registered, '--yes']);
    application.stored.tokens = { ...application.stored.tokens, access_token: 'no-longer-valid' };
    await assert.rejects(call(client, 'whoami'), UnauthorizedError);
    assert.equal(application.authorizationUrl.searchParams.get('client_id'), registered, 'invalid_grant: the same client asks again');
    await application.letThePersonIn(application.transport(keyed), page, alice);

    const again = await application.connect(keyed, page, alice);
    await provider.command(['client', 'delete', registered, '--yes']);
    application.stored.tokens = { ...application.stored.tokens, access_token: 'no-longer-valid' };
    await assert.rejects(call(again, 'whoami'), UnauthorizedError);
    assert.notEqual(application.stored.client.client_id, registered, 'invalid_client: a new registration');
    await application.letThePersonIn(application.transport(keyed), page, alice);
    assert.ok(await call(await application.connect(keyed, page, alice), 'whoami'));
  });
});

// draft-ietf-oauth-client-id-metadata-document.
describe('a client that presents a metadata document', () => {
  test('signs in without registering, and renews', async () => {
    const application = new Application(relyingParty);
    application.clientMetadataUrl = documents.at('/client.json');
    const page = await person(browser);
    const client = await application.connect(keyed, page, alice);
    assert.equal(application.stored.client.client_id, application.clientMetadataUrl);
    assert.equal(decodeJwt(application.stored.tokens.access_token).client_id, application.clientMetadataUrl);
    application.stored.tokens = { ...application.stored.tokens, access_token: 'no-longer-valid' };
    assert.match(await call(client, 'whoami'), /client\.json$/);
  });

  test('is refused when its document does not name the redirect URI, or is not there', async () => {
    for (const url of [documents.at('/other.json', { redirect_uris: ['https://elsewhere.example/callback'] }), `${documents.at('/x')}/missing`]) {
      const application = new Application(relyingParty);
      application.clientMetadataUrl = url;
      await assert.rejects(new Client({ name: 'a', version: '1' }).connect(application.transport(keyed)), UnauthorizedError);
      const page = await person(browser);
      const answer = await page.goto(application.authorizationUrl.href);
      assert.ok(answer.status() >= 400, `${answer.status()}`);
      assert.equal(new URL(page.url()).origin, provider.issuer);
    }
  });
});

// MCP, "Scope Challenge Handling".
describe('a tool that needs more than was granted', () => {
  test('is called after the person allowed that too, by a client without a refresh token', async () => {
    const application = new Application(relyingParty, { grant_types: ['authorization_code'] });
    const page = await person(browser);
    const client = await application.connect(keyed, page, alice);
    assert.equal(application.stored.tokens.refresh_token, undefined);
    await assert.rejects(call(client, 'delete_note'), UnauthorizedError);
    assert.equal(application.authorizationUrl.searchParams.get('scope'), 'notes:read notes:write');
    await application.letThePersonIn(application.transport(keyed), page, alice);
    assert.deepEqual(application.passed, ['consent']);
    const stronger = await application.connect(keyed, page, alice);
    assert.equal(await call(stronger, 'delete_note'), 'deleted');
    assert.ok(await call(stronger, 'whoami'));
  });

  // The SDK answers the challenge with its refresh token, which can't bring a scope that was not granted (RFC 6749, section 6).
  // So the application asks itself, by the SDK's own functions, for what it had and what is missing.
  test('is called after the application asked for the union itself, by a client with a refresh token', async () => {
    const application = new Application(relyingParty);
    const page = await person(browser);
    const client = await application.connect(keyed, page, alice);
    await assert.rejects(call(client, 'delete_note'), (error) => error.code === 403);

    const clientInformation = application.stored.client;
    const { authorizationUrl, codeVerifier } = await startAuthorization(provider.issuer, {
      metadata, clientInformation, redirectUrl: relyingParty.callback, scope: 'notes:read notes:write', resource: keyed,
    });
    await authorize(page, authorizationUrl, alice, relyingParty);
    const authorizationCode = new URL((await relyingParty.arrival()).url).searchParams.get('code');
    application.saveTokens(
      await exchangeAuthorization(provider.issuer, {
        metadata, clientInformation, authorizationCode, codeVerifier, redirectUri: relyingParty.callback, resource: keyed,
      }),
    );
    assert.equal(await call(client, 'delete_note'), 'deleted');
  });
});

describe('a server without a person', () => {
  const robot = { client_name: 'Robot', grant_types: ['client_credentials'], response_types: [] };

  async function connected(authProvider) {
    const client = new Client({ name: 'robot', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(keyed), { authProvider }));
    return client;
  }

  test('gets a token by its secret', async () => {
    const { client_id, client_secret } = await provider.createClient(robot);
    const client = await connected(new ClientCredentialsProvider({
      clientId: client_id, clientSecret: client_secret, expectedIssuer: provider.issuer, scope: 'notes:read',
    }));
    assert.equal(await call(client, 'whoami'), `${client_id} by ${client_id}`);
  });

  test('gets a token by its key', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }] };
    const { client_id } = await provider.createClient({ ...robot, token_endpoint_auth_method: 'private_key_jwt', jwks });
    const client = await connected(new PrivateKeyJwtProvider({
      clientId: client_id, privateKey: await exportPKCS8(privateKey), algorithm: 'ES256', expectedIssuer: provider.issuer, scope: 'notes:read',
    }));
    assert.equal(await call(client, 'whoami'), `${client_id} by ${client_id}`);
  });
});

// By plain HTTP, as the SDK's client would not do this.
describe('the protected server', () => {
  const post = (url, token, body = { jsonrpc: '2.0', id: 1, method: 'tools/list' }) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });

  async function tokenFor(parameters) {
    robot ??= await provider.createClient({
      client_name: 'Robot', grant_types: ['client_credentials'], response_types: [], token_endpoint_auth_method: 'client_secret_post',
    });
    const { client_id, client_secret } = robot;
    const answer = await fetch(metadata.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, ...parameters }),
    });
    return (await answer.json()).access_token;
  }
  let robot;

  test('names the provider in its metadata, and its metadata in its challenge', async () => {
    const challenge = (await post(keyed, undefined)).headers.get('www-authenticate');
    const address = challenge.match(/resource_metadata="([^"]+)"/)[1];
    assert.match(challenge, /scope="notes:read"/);
    const published = await (await fetch(address)).json();
    assert.equal(published.resource, keyed);
    assert.deepEqual(published.authorization_servers, [provider.issuer]);
  });

  test('refuses a token for another resource, for the provider, or none, and one in the query', async () => {
    const good = await tokenFor({ resource: keyed, scope: 'notes:read' });
    assert.equal((await post(keyed, good)).status, 200);
    const bad = [undefined, await tokenFor({}), await tokenFor({ resource: introspected, scope: 'notes:read' }), 'no-token'];
    for (const token of bad) assert.equal((await post(keyed, token)).status, 401);
    assert.equal((await post(`${keyed}?access_token=${good}`, undefined)).status, 401);
    const opaque = await tokenFor({ resource: introspected, scope: 'notes:read' });
    assert.equal((await post(introspected, opaque)).status, 200);
    assert.equal((await post(introspected, good)).status, 401, 'its API may not learn of tokens for other resources');
  });

  test('refuses a token without the scope with 403 and all that the operation needs', async () => {
    const answer = await post(keyed, await tokenFor({ resource: keyed, scope: 'notes:write' }));
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('www-authenticate'), /error="insufficient_scope".*scope="notes:read"/);
  });
});
