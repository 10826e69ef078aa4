// How a client of npm's openid-client proves who it is, beyond a secret in the request, and how it registers itself.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import * as jose from 'jose';
import * as oidc from 'openid-client';
import { person } from '../harness/browser.mjs';
import { alice } from '../harness/people.mjs';
import { browser, close, invalidGrant, open, provider, register, relyingParty, SCOPE, signInWith, signOut } from './application.mjs';

const ROBOT = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };

before(() => open('outbound.allow = ["127.0.0.1"]\n[resources."https://api.example"]\nscopes = ["orders"]\n'));
beforeEach(() => relyingParty.forget());
after(() => close());

async function newKey(algorithm = 'ES256', kid = 'first') {
  const { publicKey, privateKey } = await jose.generateKeyPair(algorithm, { extractable: true });
  return { key: privateKey, kid, jwk: { ...(await jose.exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } };
}

// RFC 7523, section 2.2.
describe('a client assertion', () => {
  for (const algorithm of ['ES256', 'RS256', 'PS256', 'EdDSA']) {
    test(`private_key_jwt by ${algorithm} signs in, refreshes, introspects and revokes`, async () => {
      const { key, kid, jwk } = await newKey(algorithm);
      const metadata = { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: algorithm, jwks: { keys: [jwk] } };
      const { config } = await register(metadata, oidc.PrivateKeyJwt({ key, kid }));
      const page = await person(browser);
      const { tokens } = await signInWith(config, page);
      const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      assert.equal(userinfo.email, alice.email);
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal((await oidc.tokenIntrospection(config, refreshed.access_token)).active, true);
      await oidc.tokenRevocation(config, refreshed.refresh_token);
      await invalidGrant(oidc.refreshTokenGrant(config, refreshed.refresh_token));
      await signOut(config, page, tokens.id_token);
    });
  }

  test('client_secret_jwt: a MAC under the secret', async () => {
    const { config } = await register({ token_endpoint_auth_method: 'client_secret_jwt' });
    const { tokens } = await signInWith(config, await person(browser));
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(refreshed.claims().sub, tokens.claims().sub);
  });

  test('keys that the application publishes: a new one works as soon as it is there', async () => {
    const [first, second] = [await newKey('ES256', 'first'), await newKey('ES256', 'second')];
    let keys = [first.jwk];
    const published = createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys })));
    published.listen(0, '127.0.0.1');
    await once(published, 'listening');
    try {
      const metadata = { ...ROBOT, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `http://127.0.0.1:${published.address().port}/jwks` };
      const { registration, config } = await register(metadata, oidc.PrivateKeyJwt(first));
      assert.ok((await oidc.clientCredentialsGrant(config)).access_token);
      const unpublished = await oidc.discovery(new URL(provider.issuer), registration.client_id, registration, oidc.PrivateKeyJwt(second), {
        execute: [oidc.allowInsecureRequests],
      });
      await invalidClient(oidc.clientCredentialsGrant(unpublished));
      keys = [second.jwk];
      // An unknown key makes the server fetch them again, but at most every 15 seconds.
      let tokens;
      for (const until = Date.now() + 20_000; !tokens && Date.now() < until; await new Promise((wake) => setTimeout(wake, 1000))) {
        tokens = await oidc.clientCredentialsGrant(unpublished).catch(() => undefined);
      }
      assert.ok(tokens?.access_token, 'the new key is accepted within 20 seconds');
    } finally {
      published.close();
    }
  });

  test('sees refused: another key, another audience, an expired one, and the same one twice', async () => {
    const { key, kid, jwk } = await newKey();
    const metadata = { ...ROBOT, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const stranger = await newKey();
    await invalidClient(oidc.clientCredentialsGrant((await register(metadata, oidc.PrivateKeyJwt({ key: stranger.key, kid }))).config));

    const changed = async (modify) => (await register(metadata, oidc.PrivateKeyJwt({ key, kid }, { [oidc.modifyAssertion]: modify }))).config;
    await invalidClient(oidc.clientCredentialsGrant(await changed((_, payload) => (payload.aud = 'https://other.example'))));
    await invalidClient(oidc.clientCredentialsGrant(await changed((_, payload) => Object.assign(payload, { exp: payload.iat - 120 }))));
    const repeating = await changed((_, payload) => (payload.jti = 'always the same'));
    assert.ok((await oidc.clientCredentialsGrant(repeating)).access_token);
    await invalidClient(oidc.clientCredentialsGrant(repeating));
  });
});

// RFC 7591, with an initial access token; RFC 8707 for the robot's token.
describe('dynamicClientRegistration', () => {
  async function registered(metadata, authentication, initialAccessToken) {
    return oidc.dynamicClientRegistration(new URL(provider.issuer), metadata, authentication, { initialAccessToken, execute: [oidc.allowInsecureRequests] });
  }

  async function voucher() {
    return JSON.parse(await provider.command(['registration-token', 'create', '--uses', '1', '--json'])).token;
  }

  test('registers an application, which then signs a person in', async () => {
    // openid-client then authenticates by client_secret_post, whatever the registration says; RFC 7591's default is client_secret_basic.
    const metadata = { client_name: 'Registered', token_endpoint_auth_method: 'client_secret_post', redirect_uris: [relyingParty.callback], grant_types: ['authorization_code', 'refresh_token'], scope: SCOPE };
    const config = await registered(metadata, undefined, await voucher());
    assert.ok(config.clientMetadata().client_secret);
    assert.equal(config.clientMetadata().client_name, 'Registered');
    const { tokens } = await signInWith(config, await person(browser));
    assert.ok(tokens.refresh_token);
  });

  test('registers a robot by its key, which gets a token for a resource', async () => {
    const { key, kid, jwk } = await newKey();
    const metadata = { ...ROBOT, client_name: 'Robot', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const config = await registered(metadata, oidc.PrivateKeyJwt({ key, kid }), await voucher());
    const tokens = await oidc.clientCredentialsGrant(config, { resource: 'https://api.example', scope: 'orders' });
    assert.equal(jose.decodeJwt(tokens.access_token).aud, 'https://api.example');
    assert.equal(tokens.scope ?? 'orders', 'orders');
    await assert.rejects(oidc.clientCredentialsGrant(config, { resource: 'https://unknown.example' }), { error: 'invalid_target' });
    await assert.rejects(oidc.clientCredentialsGrant(config, { resource: 'https://api.example', scope: 'unknown' }), { error: 'invalid_scope' });
  });

  test('sees refused: no token, a token that was used, and metadata that is not offered', async () => {
    const metadata = { client_name: 'Stranger', redirect_uris: [relyingParty.callback] };
    await assert.rejects(registered(metadata, undefined, undefined), (error) => error.status === 401);
    const once = await voucher();
    await registered(metadata, undefined, once);
    await assert.rejects(registered(metadata, undefined, once), (error) => error.status === 401);
    const bad = { ...metadata, redirect_uris: [`${relyingParty.callback}#fragment`] };
    await assert.rejects(registered(bad, undefined, await voucher()), { error: 'invalid_redirect_uri' });
  });
});

function invalidClient(answer) {
  return assert.rejects(answer, (error) => {
    // RFC 9110, section 15.5.2: a 401 has a challenge. openid-client shows that in place of the body's invalid_client.
    assert.ok(error instanceof oidc.WWWAuthenticateChallengeError, String(error));
    assert.equal(error.status, 401);
    return true;
  });
}
