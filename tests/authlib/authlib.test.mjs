// PyPI's Authlib as a Flask application: signs a person in with each method of client authentication, renews, revokes and signs
// out, gets tokens of its own, and protects an API by the published keys.

import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as jose from 'jose';
import { authorize, follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { alice } from '../harness/people.mjs';
import { Program } from '../harness/program.mjs';
import { freePort, Provider } from '../harness/provider.mjs';

const API = 'https://api.example';
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'relying_party.py');

let provider, browser;

before(async () => {
  provider = await Provider.start(`[resources."${API}"]\nscopes = ["orders:read"]\n`);
  await provider.createUser(alice);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await provider?.stop(), 0, provider?.log);
});

/** Registers and starts the application, does something with it, and looks at what it logged. */
async function withApplication(method, metadata, use) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const key = await jose.generateKeyPair('ES256', { extractable: true });
  const registration = await provider.createClient({
    client_name: 'Authlib',
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: method,
    may_introspect: true,
    ...(method === 'private_key_jwt' ? { jwks: { keys: [{ ...(await jose.exportJWK(key.publicKey)), alg: 'ES256', use: 'sig' }] } } : {}),
    ...metadata,
  });
  const program = new Program(process.env.PYTHON, [PROGRAM], {
    env: {
      ISSUER: provider.issuer,
      CLIENT_ID: registration.client_id,
      CREDENTIAL: registration.client_secret ?? (await jose.exportPKCS8(key.privateKey)),
      AUTH_METHOD: method,
      RESOURCE: API,
      PORT: `${port}`,
      // The provider is on plain http here; Authlib insists on https otherwise.
      AUTHLIB_INSECURE_TRANSPORT: '1',
    },
  });
  try {
    await program.responds(`${origin}/`);
    await use(origin);
    assert.doesNotMatch(program.log, /Traceback/);
  } catch (error) {
    error.message += `\nThe application logged:\n${program.log}`;
    throw error;
  } finally {
    await program.stop();
  }
}

async function shown(page, url) {
  if (url) await page.goto(url);
  return JSON.parse(await page.innerText('body'));
}

for (const method of ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'client_secret_jwt']) {
  test(`signs in by ${method}, reads userinfo, renews its token, revokes it and signs out`, () =>
    withApplication(method, {}, async (origin) => {
      const page = await person(browser);
      assert.deepEqual(await authorize(page, new URL(`${origin}/login`), alice, { origin }), ['login', 'consent']);
      const { claims, scope } = await shown(page);
      assert.equal(claims.iss, provider.issuer);
      assert.ok(claims.nonce && claims.sid);
      assert.match(scope, /offline_access/);
      assert.equal((await shown(page, `${origin}/userinfo`)).email, alice.email);
      assert.deepEqual(await shown(page, `${origin}/refresh`), { email: alice.email, renewed: true });

      const { before, after, refresh } = await shown(page, `${origin}/revoke`);
      assert.equal(before.active, true);
      assert.equal(before.sub, claims.sub);
      assert.deepEqual(after, { active: false });
      assert.equal(refresh, 'invalid_grant');

      await page.goto(`${origin}/logout`);
      assert.deepEqual(await shown(page), { signed_out: true });
      // Signed out here as well: the password is asked for again.
      await page.goto(`${origin}/login`);
      assert.equal(await page.locator(ids.username).count(), 1);
    }));
}

describe('sees an error', () => {
  test('when the person cancels', () =>
    withApplication('client_secret_basic', {}, async (origin) => {
      const page = await person(browser);
      await page.goto(`${origin}/login`);
      await follow(page, () => page.click(ids.cancel));
      assert.equal((await shown(page)).error, 'access_denied');
      await page.goto(`${origin}/login`);
      await signIn(page, alice);
      await follow(page, () => page.click(ids.deny));
      assert.equal((await shown(page)).error, 'access_denied');
    }));

  test('when it may not see a page and no one is signed in', () =>
    withApplication('client_secret_basic', {}, async (origin) => {
      const page = await person(browser);
      assert.equal((await shown(page, `${origin}/login?prompt=none`)).error, 'login_required');
    }));
});

test('gets a token of its own, which opens the API that it protects; others do not', () =>
  withApplication('client_secret_basic', {}, async (origin) => {
    const orders = (token) => fetch(`${origin}/orders`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
    const robot = async (query) => (await fetch(`${origin}/robot?${query}`)).json();

    const { access_token, token_type } = await robot(`resource=${API}&scope=orders:read`);
    assert.equal(token_type, 'Bearer');
    const answer = await orders(access_token);
    assert.equal(answer.status, 200, await answer.clone().text());
    const { sub, client_id } = await answer.json();
    assert.equal(sub, client_id, 'RFC 9068, section 2.2: without a person the subject is the client');

    assert.equal((await orders(undefined)).status, 401);
    assert.equal((await orders((await robot('')).access_token)).status, 401, 'for another audience');
    assert.equal((await orders((await robot(`resource=${API}`)).access_token + 'x')).status, 401, 'another signature');
    assert.equal((await robot('resource=https://unknown.example')).error, 'invalid_target');
  }));
