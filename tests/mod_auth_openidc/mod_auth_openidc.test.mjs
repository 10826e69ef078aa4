// Debian's mod_auth_openidc in a real Apache: pages that open after a sign-in, renewed tokens, sign-out from both sides, and an
// API for whose access tokens Apache asks the provider.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorize, follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { alice, bob } from '../harness/people.mjs';
import { freePort, Provider } from '../harness/provider.mjs';
import { Apache } from './apache.mjs';

const API = 'https://api.example';

let provider, browser, apache, plain, hybrid, robot;

before(async () => {
  provider = await Provider.start(`
outbound.allow = ["127.0.0.1"]
authorization.insecure_implicit_and_hybrid = true
tokens.access_token_lifetime_seconds = 6
[resources."${API}"]
scopes = ["orders"]
`);
  for (const user of [alice, bob]) await provider.createUser(user);
  browser = await launch();
  plain = await host({}, (client) => `
OIDCClientSecret ${client.client_secret}
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCPKCEMethod S256
OIDCRefreshAccessTokenBeforeExpiry 4
OIDCInfoHook access_token refresh_token id_token userinfo
`);
  // Debian's version 2.4.12.3 crashes when it signs with private_key_jwt, so this one has a MAC under its secret.
  hybrid = await host(
    {
      application_type: 'native',
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
      response_types: ['code id_token'],
      token_endpoint_auth_method: 'client_secret_jwt',
      id_token_signed_response_alg: 'ES256',
    },
    (client) => `
OIDCClientSecret ${client.client_secret}
OIDCProviderTokenEndpointAuth client_secret_jwt
OIDCResponseType "code id_token"
OIDCResponseMode form_post
OIDCPKCEMethod S256
`,
  );
  robot = await provider.createClient({
    client_name: 'Robot', grant_types: ['client_credentials'], response_types: [], token_endpoint_auth_method: 'client_secret_post',
  });
  apache = await Apache.start([plain, hybrid]);
});

after(async () => {
  await browser?.close();
  const log = apache?.log ?? '';
  await apache?.stop();
  assert.equal(await provider?.stop(), 0, provider?.log);
  assert.doesNotMatch(log, /Segmentation fault/);
});

async function host(metadata, directives) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const callback = `${origin}/protected/callback`;
  const client = await provider.createClient({
    client_name: 'Apache',
    redirect_uris: [callback],
    post_logout_redirect_uris: [`${origin}/signed-out.html`],
    backchannel_logout_uri: `${callback}?logout=backchannel`,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    may_introspect: true,
    ...metadata,
  });
  const api = metadata.response_types
    ? ''
    : `
OIDCOAuthServerMetadataURL ${provider.issuer}/.well-known/oauth-authorization-server
OIDCOAuthIntrospectionEndpointAuth client_secret_basic
OIDCOAuthClientID ${client.client_id}
OIDCOAuthClientSecret ${client.client_secret}
OIDCOAuthTokenIntrospectionInterval 0
OIDCOAuthRemoteUserClaim client_id
`;
  return {
    port,
    origin,
    page: `${origin}/protected/`,
    callback,
    directives: `
OIDCProviderMetadataURL ${provider.issuer}/.well-known/openid-configuration
OIDCClientID ${client.client_id}
OIDCScope "openid profile email"
OIDCRemoteUserClaim sub@
${api}${directives(client)}`,
  };
}

async function reached(page, { page: url }) {
  const answer = await page.goto(url);
  assert.equal(page.url(), url, `${await page.innerText('body')}\n${apache.log}`);
  assert.equal(await page.innerText('h1'), 'The protected page');
  return answer.headers();
}

async function assertAsksToSignIn(page, { page: url }) {
  await page.goto(url);
  assert.equal(new URL(page.url()).origin, provider.issuer);
}

for (const [how, which] of [['a code, client_secret_basic and RS256', () => plain], ['code id_token by form_post, client_secret_jwt and ES256', () => hybrid]]) {
  test(`a protected page opens after a sign-in by ${how}, and closes after the sign-out`, async () => {
    const site = which();
    const page = await person(browser);
    const passed = await authorize(page, new URL(site.page), alice, site);
    assert.deepEqual(passed.slice(0, 2), ['login', 'consent']);
    const headers = await reached(page, site);
    assert.equal(headers['x-email'], alice.email);
    assert.equal(headers['x-name'], alice.name);
    // "sub@": the subject and its issuer.
    assert.ok(headers['x-user'].endsWith(`@${provider.issuer}`), headers['x-user']);

    // RP-Initiated Logout by the module: it goes to end_session_endpoint with an ID token, and comes back.
    await page.goto(`${site.callback}?logout=${encodeURIComponent(`${site.origin}/signed-out.html`)}`);
    await page.waitForURL(`${site.origin}/signed-out.html`);
    await assertAsksToSignIn(page, site);
    assert.equal(await page.locator(ids.username).count(), 1, 'signed out at the provider as well');
  });
}

test('the access token is renewed before it expires, and the session goes on', async () => {
  const page = await person(browser);
  await authorize(page, new URL(plain.page), alice, plain);
  const info = async () => JSON.parse(await (await page.request.get(`${plain.callback}?info=json`)).text());
  const before = await info();
  assert.equal(before.userinfo.email, alice.email);
  await new Promise((wake) => setTimeout(wake, 2500));
  await reached(page, plain);
  const after = await info();
  assert.notEqual(after.access_token, before.access_token);
  assert.equal(after.id_token.sub, before.id_token.sub);
});

// Back-Channel Logout: the provider posts a logout token, the module verifies it and ends its session.
test('a sign-out at the provider ends the session in Apache', async () => {
  const page = await person(browser);
  await authorize(page, new URL(plain.page), alice, plain);
  await reached(page, plain);
  await page.goto(`${provider.issuer}/logout`);
  await follow(page, () => page.click(ids.logout));
  for (const until = Date.now() + 10_000; ; await new Promise((wake) => setTimeout(wake, 100))) {
    const answer = await page.request.get(plain.page, { maxRedirects: 0 });
    if (answer.status() === 302) break;
    assert.ok(Date.now() < until, `still signed in after 10 s:\n${apache.log}\n${provider.log}`);
  }
  await assertAsksToSignIn(page, plain);
});

test('a sign-in that is cancelled or denied opens nothing', async () => {
  const page = await person(browser);
  await page.goto(hybrid.page);
  await follow(page, () => page.click(ids.cancel));
  await page.waitForURL(`${hybrid.origin}/**`);
  assert.match(await page.innerText('body'), /access_denied/);
  await page.goto(hybrid.page);
  // Alice may have consented before.
  await signIn(page, bob);
  await follow(page, () => page.click(ids.deny));
  await page.waitForURL(`${hybrid.origin}/**`);
  assert.match(await page.innerText('body'), /access_denied/);
  await assertAsksToSignIn(page, hybrid);

  // In a query, 2.4.12.3 takes the `iss` of an error (RFC 9207, section 2) for a request to sign in, and so asks again.
  const other = await person(browser);
  await other.goto(plain.page);
  await follow(other, () => other.click(ids.cancel));
  await other.waitForURL(`${provider.issuer}/**`);
  assert.equal(await other.locator(ids.username).count(), 1);
});

// RFC 7662.
test('an API behind Apache opens with a token of the right scope alone', async () => {
  const token = async (parameters) => {
    const answer = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: robot.client_id, client_secret: robot.client_secret, ...parameters }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()).access_token;
  };
  const call = (value) => fetch(`${plain.origin}/api/`, { headers: value ? { authorization: `Bearer ${value}` } : {} });

  const good = await token({ resource: API, scope: 'orders' });
  const answer = await call(good);
  assert.equal(answer.status, 200, apache.log);
  assert.equal(await answer.text(), 'orders');
  assert.equal((await call(undefined)).status, 401);
  assert.equal((await call('no-token')).status, 401);
  assert.equal((await call(await token({}))).status, 401, 'without the scope: the module answers 401 to a claim that does not match');
});
