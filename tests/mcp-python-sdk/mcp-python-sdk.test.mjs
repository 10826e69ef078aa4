// The official Python SDK of the Model Context Protocol, as client and as protected server: it registers itself or presents a
// metadata document, signs a person in through the pages, calls tools, renews, steps up, and takes no for an answer.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeJwt, exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { authorize, follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { Authority } from '../harness/certificates.mjs';
import { alice, bob } from '../harness/people.mjs';
import { Program } from '../harness/program.mjs';
import { freePort, Provider } from '../harness/provider.mjs';
import { RelyingParty } from '../harness/relying_party.mjs';

const FOLDER = dirname(fileURLToPath(import.meta.url));

let provider, browser, relyingParty, authority, documents;
/** One resource whose server checks tokens by the keys, and one whose server asks the provider. */
let keyed, introspected;
const servers = [];

before(async () => {
  keyed = `http://127.0.0.1:${await freePort()}/mcp`;
  introspected = `http://127.0.0.1:${await freePort()}/mcp`;
  authority = new Authority();
  provider = await Provider.start(`
registration.open = true
client_documents.enabled = true
outbound.allow = ["localhost"]
outbound.extra_ca_path = "${authority.path}"
[resources."${keyed}"]
scopes = ["notes:read", "notes:write"]
[resources."${introspected}"]
scopes = ["notes:read", "notes:write"]
access_token_format = "opaque"
introspecting_clients = ["notes-api"]
`);
  for (const user of [alice, bob]) await provider.createUser(user);
  const api = await provider.createClient({ client_id: 'notes-api', client_name: 'Notes API', grant_types: ['client_credentials'], response_types: [] });
  const serve = (RESOURCE, more = {}) => new Program(process.env.PYTHON, [join(FOLDER, 'server.py')], { env: { ISSUER: provider.issuer, RESOURCE, ...more } });
  servers.push(serve(keyed), serve(introspected, { API_ID: api.client_id, API_SECRET: api.client_secret }));
  relyingParty = await RelyingParty.start();
  documents = createServer(authority.issue('localhost'), (request, response) => {
    const client_id = `https://localhost:${documents.address().port}${request.url}`;
    const document = { client_id, client_name: 'Documented app', redirect_uris: [relyingParty.callback], grant_types: ['authorization_code', 'refresh_token'] };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
  });
  documents.listen(0, '127.0.0.1');
  await once(documents, 'listening');
  browser = await launch();
  await servers[0].responds(keyed);
  await servers[1].responds(introspected);
});

beforeEach(() => relyingParty.forget());

after(async () => {
  await browser?.close();
  relyingParty?.stop();
  documents?.close();
  authority?.remove();
  for (const server of servers) await server.stop();
  assert.equal(await provider?.stop(), 0, provider?.log);
  for (const server of servers) assert.doesNotMatch(server.log, /Traceback/);
});

/** The application as a process of its own. */
async function withApplication(resource, env, use) {
  const program = new Program(process.env.PYTHON, [join(FOLDER, 'client.py')], {
    env: { RESOURCE: resource, ISSUER: provider.issuer, CALLBACK: relyingParty.callback, ...env },
  });
  let heard = 0;
  /** Tells it something, if anything, and returns what it says next. */
  const next = async (command) => {
    if (command) program.child.stdin.write(`${command}\n`);
    const lines = () => program.log.match(/^\{.*\}$/gm) ?? [];
    await program.waitFor('line', () => lines().length > heard);
    return JSON.parse(lines()[heard++]);
  };
  try {
    await next();
    await use({ next, tell: (command) => program.child.stdin.write(`${command}\n`) });
  } catch (error) {
    error.message += `\nThe application logged:\n${program.log}`;
    throw error;
  } finally {
    await program.stop();
  }
}

/** Calls a tool, and sends the person through the pages where the application asks for that. */
async function call({ next }, tool, page) {
  const said = await next(tool);
  if (!said.open) return said;
  const passed = await authorize(page, new URL(said.open), alice, relyingParty);
  return { ...(await next((await relyingParty.arrival()).url)), passed, asked: new URL(said.open).searchParams };
}

for (const [how, resource] of [['by the published keys', () => keyed], ['by introspection', () => introspected]]) {
  test(`registers itself, signs in, calls a tool of a server that checks its token ${how}, renews it and steps up`, () =>
    withApplication(resource(), {}, async (application) => {
      const page = await person(browser);
      const first = await call(application, 'whoami', page);
      assert.deepEqual(first.passed, ['login', 'consent']);
      assert.match(first.result, new RegExp(`^\\S+ by ${first.client_id}$`));
      assert.equal(first.asked.get('resource'), resource());
      // The SDK adds offline_access where the provider supports it.
      assert.equal(first.asked.get('scope'), 'notes:read offline_access');
      assert.equal(first.asked.get('code_challenge_method'), 'S256');
      if (resource() === keyed) assert.equal(decodeJwt(first.access_token).aud, keyed);

      application.tell('expire');
      const renewed = await call(application, 'whoami', page);
      assert.equal(renewed.passed, undefined, 'no one was asked');
      assert.notEqual(renewed.access_token, first.access_token);
      assert.notEqual(renewed.refresh_token, first.refresh_token);

      // MCP, "Scope Challenge Handling": the union of what it had and what the challenge names.
      const stronger = await call(application, 'delete_note', page);
      assert.equal(stronger.result, 'deleted');
      assert.deepEqual(stronger.passed, ['consent']);
      assert.deepEqual(new Set(stronger.asked.get('scope').split(' ')), new Set(['notes:read', 'notes:write', 'offline_access']));
      assert.equal((await call(application, 'whoami', page)).access_token, stronger.access_token);
    }));
}

test('presents a metadata document, signs in without registering, and renews', () =>
  withApplication(keyed, { CLIENT_METADATA_URL: `https://localhost:${documents.address().port}/client.json` }, async (application) => {
    const page = await person(browser);
    const first = await call(application, 'whoami', page);
    assert.match(first.client_id, /^https:.*client\.json$/);
    assert.equal(decodeJwt(first.access_token).client_id, first.client_id);
    application.tell('expire');
    const renewed = await call(application, 'whoami', page);
    assert.equal(renewed.passed, undefined);
    assert.notEqual(renewed.access_token, first.access_token);
  }));

test('asks the person again when its grant was revoked', () =>
  withApplication(keyed, {}, async (application) => {
    const page = await person(browser);
    const { client_id } = await call(application, 'whoami', page);
    await provider.command(['client', 'revoke-grants', client_id, '--yes']);
    application.tell('expire');
    const again = await call(application, 'whoami', page);
    assert.ok(again.passed);
    assert.equal(again.client_id, client_id);
  }));

test('is told when the person denies it, once the person went on to it', () =>
  withApplication(keyed, {}, async (application) => {
    const page = await person(browser);
    const { open } = await application.next('whoami');
    await page.goto(open);
    await signIn(page, bob);
    await follow(page, () => page.click(ids.deny));
    assert.equal(new URL(page.url()).origin, provider.issuer, 'no one vouches for it, so nothing is redirected to it');
    await page.locator(`a[href^="${relyingParty.callback}"]`).click();
    const { error } = await application.next((await relyingParty.arrival()).url);
    assert.match(error.join(), /PermissionError: access_denied/);
  }));

test('refuses a response that names another issuer (RFC 9207)', () =>
  withApplication(keyed, {}, async (application) => {
    const { open } = await application.next('whoami');
    await authorize(await person(browser), new URL(open), alice, relyingParty);
    const callback = new URL((await relyingParty.arrival()).url);
    assert.equal(callback.searchParams.get('iss'), provider.issuer);
    callback.searchParams.set('iss', 'https://attacker.example');
    assert.match((await application.next(callback.href)).error.join(), /iss/i);
  }));

describe('without a person', () => {
  const robot = { client_name: 'Robot', grant_types: ['client_credentials'], response_types: [] };

  test('it gets a token by its secret', async () => {
    const { client_id, client_secret } = await provider.createClient(robot);
    await withApplication(keyed, { CLIENT_ID: client_id, CLIENT_SECRET: client_secret }, async (application) => {
      assert.equal((await application.next('whoami')).result, `${client_id} by ${client_id}`);
    });
  });

  test('it gets a token by its key', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }] };
    const { client_id } = await provider.createClient({ ...robot, token_endpoint_auth_method: 'private_key_jwt', jwks });
    await withApplication(keyed, { CLIENT_ID: client_id, PRIVATE_KEY: await exportPKCS8(privateKey) }, async (application) => {
      assert.equal((await application.next('whoami')).result, `${client_id} by ${client_id}`);
    });
  });
});

// By plain HTTP, as the SDK's client would not do this.
test('the protected server names the provider, and refuses no token, a wrong one, and one in the query', async () => {
  const post = (url, headers = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
  const answer = await post(keyed);
  assert.equal(answer.status, 401);
  const published = await (await fetch(answer.headers.get('www-authenticate').match(/resource_metadata="([^"]+)"/)[1])).json();
  assert.equal(published.resource, keyed);
  assert.deepEqual(published.authorization_servers, [provider.issuer]);

  const { client_id, client_secret } = await provider.createClient({
    client_name: 'Robot', grant_types: ['client_credentials'], response_types: [], token_endpoint_auth_method: 'client_secret_post',
  });
  const tokenFor = async (resource, scope) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, resource, scope });
    return (await (await fetch(`${provider.issuer}/token`, { method: 'POST', body })).json()).access_token;
  };
  const bearer = (token) => ({ authorization: `Bearer ${token}` });
  const good = await tokenFor(keyed, 'notes:read');
  assert.notEqual((await post(keyed, bearer(good))).status, 401);
  assert.equal((await post(keyed, bearer(await tokenFor(introspected, 'notes:read')))).status, 401);
  assert.equal((await post(introspected, bearer(good))).status, 401);
  assert.equal((await post(keyed, bearer(await tokenFor(keyed, 'notes:write')))).status, 403);
  assert.equal((await post(`${keyed}?access_token=${good}`)).status, 401);
});
