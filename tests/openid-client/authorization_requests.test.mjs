// What npm's openid-client may ask for at /authorize beyond the ordinary request, and how the response comes back.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import * as jose from 'jose';
import * as oidc from 'openid-client';
import { authorize, person } from '../harness/browser.mjs';
import { alice } from '../harness/people.mjs';
import { begin, browser, close, finish, invalidGrant, open, provider, register, relyingParty, SCOPE, signInWith } from './application.mjs';

before(() =>
  open(`authorization.insecure_implicit_and_hybrid = true
[resources."https://api.example"]
scopes = ["orders:read", "orders:write"]
[resources."https://files.example"]
scopes = ["files"]
`),
);
beforeEach(() => relyingParty.forget());
after(() => close());

describe('the claims parameter', () => {
  test('brings single claims into userinfo and into the ID token, and no others of their scope', async () => {
    const { config } = await register();
    const claims = JSON.stringify({ userinfo: { email: null }, id_token: { name: { essential: true }, auth_time: { essential: true } } });
    const { tokens } = await signInWith(config, await person(browser), { parameters: { claims, scope: 'openid' } });
    assert.equal(tokens.claims().name, alice.name);
    assert.ok(tokens.claims().auth_time);
    assert.equal(tokens.claims().email, undefined);
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(userinfo.email, alice.email);
    assert.equal(userinfo.email_verified, undefined);
    assert.equal(userinfo.name, undefined);
  });

  test('an essential acr that no one here can reach is an error for the application', async () => {
    const { config } = await register();
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['9'] } } });
    const flow = await begin(config, { claims });
    await authorize(await person(browser), flow.url, alice, relyingParty);
    await assert.rejects(finish(config, await relyingParty.arrival(), flow), { error: 'unmet_authentication_requirements' });
  });

  test('acr_values is a wish, and acr says what was done', async () => {
    const { config } = await register();
    const { tokens } = await signInWith(config, await person(browser), { parameters: { acr_values: '2 1' } });
    assert.equal(tokens.claims().acr, '1');
  });
});

// OpenID Connect Core, section 6; RFC 9101.
describe('buildAuthorizationUrlWithJAR', () => {
  async function signer(metadata = {}) {
    const { publicKey, privateKey } = await jose.generateKeyPair('ES256');
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: 'requests', use: 'sig', alg: 'ES256' };
    const { config } = await register({ jwks: { keys: [jwk] }, request_object_signing_alg: 'ES256', require_signed_request_object: true, ...metadata });
    return { config, key: { key: privateKey, kid: 'requests' } };
  }

  async function signed(config, key, parameters = {}, options) {
    const flow = await begin(config, parameters);
    const plain = Object.fromEntries(flow.url.searchParams);
    return { ...flow, url: await oidc.buildAuthorizationUrlWithJAR(config, plain, key, options) };
  }

  test('signs a person in by a signed request alone', async () => {
    const { config, key } = await signer();
    const flow = await signed(config, key);
    assert.equal(flow.url.searchParams.get('scope'), null, 'what is asked for is in the JWT');
    await authorize(await person(browser), flow.url, alice, relyingParty);
    const tokens = await finish(config, await relyingParty.arrival(), flow);
    assert.ok(tokens.refresh_token);
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, alice.email);
  });

  test('is refused with another key, expired, or for another server: invalid_request_object', async () => {
    const { config, key } = await signer();
    const stranger = { key: (await jose.generateKeyPair('ES256')).privateKey, kid: 'requests' };
    const changes = [
      [stranger, undefined],
      [key, (_, payload) => (payload.exp = payload.iat - 300)],
      [key, (_, payload) => (payload.aud = 'https://other.example')],
    ];
    for (const [by, modify] of changes) {
      const flow = await signed(config, by, {}, modify && { [oidc.modifyAssertion]: modify });
      await assertNothingLeaves(flow.url, 'invalid_request_object');
    }
  });

  test('a client that must sign is refused without a signature', async () => {
    const { config } = await signer();
    const flow = await begin(config);
    await assertNothingLeaves(flow.url, 'invalid_request');
  });

  // Such an error is either a page or, where the redirect URI is proven by other means, a response at the application.
  async function assertNothingLeaves(url, error) {
    const page = await person(browser);
    await page.goto(url.href);
    const arrived = page.url().startsWith(relyingParty.origin);
    if (arrived) {
      const callback = new URL((await relyingParty.arrival()).url);
      assert.equal(callback.searchParams.get('error'), error, callback.href);
      assert.equal(callback.searchParams.get('code'), null);
    } else {
      assert.match(await page.innerText('body'), /request/i);
      assert.equal(relyingParty.arrivals.length, 0);
    }
  }
});

// OAuth 2.0 Multiple Response Types and OpenID Connect Core, sections 3.2 and 3.3. On loopback such a client is a native one.
describe('tokens in the response', () => {
  const implicit = { application_type: 'native', grant_types: ['authorization_code', 'implicit', 'refresh_token'] };

  async function arrive(flow) {
    const page = await person(browser);
    await authorize(page, flow.url, alice, relyingParty);
    const callback = await relyingParty.arrival();
    return callback.method === 'POST' ? callback : new URL(page.url());
  }

  for (const response_mode of ['fragment', 'form_post']) {
    test(`code id_token by ${response_mode}: openid-client verifies c_hash and the nonce`, async () => {
      const { config } = await register({ ...implicit, response_types: ['code id_token'] });
      oidc.useCodeIdTokenResponseType(config);
      const flow = await begin(config, { response_mode, scope: SCOPE });
      const response = await arrive(flow);
      if (response instanceof URL) assert.equal(response.search, '', 'nothing in the query');
      const tokens = await oidc.authorizationCodeGrant(config, response, {
        pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce, idTokenExpected: true,
      });
      assert.ok(tokens.claims().sub);
      assert.ok(tokens.refresh_token);
    });

    test(`id_token by ${response_mode}`, async () => {
      const { config } = await register({ ...implicit, grant_types: ['implicit'], response_types: ['id_token'] });
      oidc.useIdTokenResponseType(config);
      const flow = await begin(config, { response_mode, scope: 'openid email', prompt: 'login' });
      for (const name of ['code_challenge', 'code_challenge_method']) flow.url.searchParams.delete(name);
      const claims = await oidc.implicitAuthentication(config, await arrive(flow), flow.nonce, { expectedState: flow.state });
      // OpenID Connect Core, section 5.4: without an access token the claims are in the ID token.
      assert.equal(claims.email, alice.email);
    });
  }

  test('is refused to a client that is not registered for it: unauthorized_client', async () => {
    const { config } = await register();
    const flow = await begin(config, { response_type: 'code id_token' });
    const page = await person(browser);
    await page.goto(flow.url.href);
    const response = new URLSearchParams(new URL(page.url()).hash.slice(1));
    assert.equal(response.get('error'), 'unauthorized_client');
    assert.equal(response.get('state'), flow.state);
  });
});

// RFC 8707.
describe('resource', () => {
  const scope = 'openid offline_access orders:read orders:write files';

  test('one resource: its audience, its scopes, at the refresh too', async () => {
    const { config } = await register({ scope });
    const { tokens } = await signInWith(config, await person(browser), { parameters: { resource: 'https://api.example', scope } });
    const token = jose.decodeJwt(tokens.access_token);
    assert.equal(token.aud, 'https://api.example');
    assert.deepEqual(new Set(token.scope.split(' ')), new Set(['openid', 'offline_access', 'orders:read', 'orders:write']));
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, { scope: 'orders:read' });
    assert.equal(jose.decodeJwt(refreshed.access_token).aud, 'https://api.example');
    assert.equal(jose.decodeJwt(refreshed.access_token).scope, 'orders:read');
    // RFC 6750, section 3.1: a token for another resource is no token for userinfo.
    await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck), (error) => error.status === 401);
  });

  test('two resources of one grant, a token for each', async () => {
    const { config } = await register({ scope });
    const resources = ['https://api.example', 'https://files.example'];
    const flow = await begin(config, { scope });
    for (const resource of resources) flow.url.searchParams.append('resource', resource);
    await authorize(await person(browser), flow.url, alice, relyingParty);
    const callback = await relyingParty.arrival();
    const tokens = await oidc.authorizationCodeGrant(
      config, new URL(callback.url), { pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce }, { resource: resources[0] },
    );
    assert.equal(jose.decodeJwt(tokens.access_token).aud, resources[0]);
    const second = await oidc.refreshTokenGrant(config, tokens.refresh_token, { resource: resources[1] });
    assert.equal(jose.decodeJwt(second.access_token).aud, resources[1]);
    assert.doesNotMatch(jose.decodeJwt(second.access_token).scope, /orders/);
  });

  test('an unknown one: invalid_target at the application; another than granted: invalid_target at the token endpoint', async () => {
    const { config } = await register({ scope });
    const flow = await begin(config, { resource: 'https://unknown.example' });
    await authorize(await person(browser), flow.url, alice, relyingParty);
    await assert.rejects(finish(config, await relyingParty.arrival(), flow), { error: 'invalid_target' });

    const { tokens } = await signInWith(config, await person(browser), { parameters: { resource: 'https://api.example', scope } });
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, { resource: 'https://files.example' }), { error: 'invalid_target' });
  });
});

test('every response names its issuer, and openid-client refuses another one (RFC 9207)', async () => {
  const { config } = await register();
  const flow = await begin(config);
  await authorize(await person(browser), flow.url, alice, relyingParty);
  const callback = new URL((await relyingParty.arrival()).url);
  assert.equal(callback.searchParams.get('iss'), provider.issuer);
  const forged = new URL(callback);
  forged.searchParams.set('iss', 'https://attacker.example');
  await assert.rejects(finish(config, { url: forged.href }, flow), (error) => /unexpected "iss"/.test(error.cause));
  await finish(config, { url: callback.href }, flow);
  await invalidGrant(finish(config, { url: callback.href }, flow));
});
