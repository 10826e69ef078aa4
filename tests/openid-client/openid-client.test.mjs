// npm's openid-client signs in through headless Chromium against `countersign serve`, and sees refused what must be.
// Nothing here knows the server but through discovery, its command line and the stable ids of its pages.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { authorize, enterUserCode, follow, ids, person, signIn } from '../harness/browser.mjs';
import { alice, bob } from '../harness/people.mjs';
import {
  assertAccessTokenRefused, assertSignedOut, begin, browser, close, discover, finish, invalidGrant, open, provider, register, relyingParty, SCOPE,
  signInWith, signOut,
} from './application.mjs';

before(() => open());
beforeEach(() => relyingParty.forget());
after(() => close());

describe('signs in, reads userinfo, refreshes and signs out', () => {
  for (const method of ['none', 'client_secret_basic', 'client_secret_post']) {
    test(`as a client that authenticates by ${method}`, async () => {
      const { config } = await register({ token_endpoint_auth_method: method });
      const page = await person(browser);
      const { tokens, passed } = await signInWith(config, page);
      assert.deepEqual(passed, ['login', 'consent']);

      const claims = tokens.claims();
      assert.equal(claims.iss, provider.issuer);
      assert.equal(tokens.token_type, 'bearer');
      const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
      assert.equal(userinfo.email, alice.email);
      assert.equal(userinfo.name, alice.name);
      assert.equal(userinfo.preferred_username, alice.username);

      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.notEqual(refreshed.access_token, tokens.access_token);
      // OpenID Connect Core, section 12.2: the same subject and the same moment of authentication.
      assert.equal(refreshed.claims().sub, claims.sub);
      assert.equal(refreshed.claims().auth_time, claims.auth_time);
      await oidc.fetchUserInfo(config, refreshed.access_token, claims.sub);

      await signOut(config, page, tokens.id_token);
      await assertSignedOut(config, page);
    });
  }

  for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    test(`with an ID token signed by ${algorithm}, checked against the published keys`, async () => {
      const { config } = await register({ id_token_signed_response_alg: algorithm });
      oidc.enableNonRepudiationChecks(config);
      const { tokens } = await signInWith(config, await person(browser));
      const header = JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url'));
      assert.equal(header.alg, algorithm);
      // The signature itself: openid-client fetched jwks_uri and verified it, or the exchange had thrown.
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal(refreshed.claims().sub, tokens.claims().sub);
    });
  }

  test('through pages without JavaScript', async () => {
    const { config } = await register();
    const page = await person(browser, { javaScriptEnabled: false });
    const { tokens, passed } = await signInWith(config, page);
    assert.deepEqual(passed, ['login', 'consent']);
    await signOut(config, page, tokens.id_token);
    await assertSignedOut(config, page);
  });

  test('with the email address as the name to sign in by', async () => {
    const { config } = await register();
    const { tokens } = await signInWith(config, await person(browser), { user: { ...alice, username: 'Alice@Example.ORG' } });
    assert.ok(tokens.claims().sub);
  });
});

describe('response_mode form_post', () => {
  for (const [how, options] of [['submits itself', {}], ['has a button without JavaScript', { javaScriptEnabled: false }]]) {
    test(how, async () => {
      const { config } = await register();
      const flow = await begin(config, { response_mode: 'form_post' });
      const page = await person(browser, options);
      await authorize(page, flow.url, alice, relyingParty);
      const callback = await relyingParty.arrival();
      assert.equal(callback.method, 'POST');
      assert.equal(new URL(callback.url).search, '', 'nothing in the query');
      const tokens = await finish(config, callback, flow);
      assert.ok(tokens.claims().sub);
    });
  }
});

describe('the browser session', () => {
  test('answers prompt=none with login_required before a sign-in, and in silence after it', async () => {
    // A public client on loopback is asked for consent each time (RFC 8252, section 8.6), so a confidential one.
    const { config } = await register({ token_endpoint_auth_method: 'client_secret_basic' });
    const page = await person(browser);
    await assertSignedOut(config, page);
    const first = await signInWith(config, page);
    const again = await signInWith(config, page, { parameters: { prompt: 'none', scope: 'openid' } });
    assert.deepEqual(again.passed, []);
    assert.equal(again.tokens.claims().auth_time, first.tokens.claims().auth_time);
  });

  test('asks for consent to a new client but not for the password', async () => {
    const page = await person(browser);
    await signInWith((await register()).config, page);
    const { passed } = await signInWith((await register()).config, page);
    assert.deepEqual(passed, ['consent']);
  });

  test('asks for the password again at prompt=login, and auth_time moves on', async () => {
    const { config } = await register();
    const page = await person(browser);
    const first = await signInWith(config, page, { parameters: { max_age: '3600' } });
    await new Promise((wake) => setTimeout(wake, 1100));
    const again = await signInWith(config, page, { parameters: { prompt: 'login', max_age: '3600', scope: 'openid' } });
    assert.ok(again.passed.includes('login'));
    assert.ok(again.tokens.claims().auth_time > first.tokens.claims().auth_time);
  });

  test('gives each person a subject of their own', async () => {
    const { config } = await register();
    const hers = await signInWith(config, await person(browser));
    const his = await signInWith(config, await person(browser), { user: bob });
    assert.notEqual(hers.tokens.claims().sub, his.tokens.claims().sub);
  });
});

describe('sees refused', () => {
  test('a wrong redirect_uri: a page, and no redirect', async () => {
    const { config } = await register();
    for (const redirect_uri of [`${relyingParty.origin}/elsewhere`, `${relyingParty.callback}/`, 'https://attacker.example/callback']) {
      const flow = await begin(config, { redirect_uri });
      const page = await person(browser);
      const answer = await page.goto(flow.url.href);
      assert.equal(answer.status(), 400);
      assert.equal(answer.request().redirectedFrom(), null);
      assert.equal(new URL(page.url()).origin, provider.issuer);
      assert.equal(await page.locator(ids.username).count(), 0, 'no sign-in on the way to an unproven address');
    }
    assert.equal(relyingParty.arrivals.length, 0);
  });

  test('a wrong password: the page stays, and says so', async () => {
    const { config } = await register();
    const flow = await begin(config);
    const page = await person(browser);
    await page.goto(flow.url.href);
    await signIn(page, { ...alice, password: 'not her password' });
    assert.equal(new URL(page.url()).origin, provider.issuer);
    assert.equal(await page.locator(ids.username).count(), 1);
    await signIn(page, alice);
    await follow(page, () => page.click(ids.allow));
    assert.ok(await finish(config, await relyingParty.arrival(), flow), 'the right one afterwards goes through');
  });

  for (const [how, leave] of [
    ['sign-in cancelled', (page) => follow(page, () => page.click(ids.cancel))],
    [
      'consent denied',
      async (page) => {
        await signIn(page, alice);
        await follow(page, () => page.click(ids.deny));
      },
    ],
  ]) {
    test(`${how}: access_denied with the state, back at the application`, async () => {
      const { config } = await register();
      const flow = await begin(config);
      const page = await person(browser);
      await page.goto(flow.url.href);
      await leave(page);
      const callback = await relyingParty.arrival();
      await assert.rejects(finish(config, callback, flow), (error) => {
        assert.ok(error instanceof oidc.AuthorizationResponseError, String(error));
        assert.equal(error.error, 'access_denied');
        return true;
      });
    });
  }

  test('a replayed code: invalid_grant, and what it brought is revoked (RFC 6749, section 4.1.2)', async () => {
    const { config } = await register();
    const flow = await begin(config);
    await authorize(await person(browser), flow.url, alice, relyingParty);
    const callback = await relyingParty.arrival();
    const tokens = await finish(config, callback.clone(), flow);
    await invalidGrant(finish(config, callback, flow));
    await invalidGrant(oidc.refreshTokenGrant(config, tokens.refresh_token));
    await assertAccessTokenRefused(config, tokens);
  });

  test('a code with another verifier: invalid_grant, and the code is invalidated', async () => {
    const { config } = await register();
    const flow = await begin(config);
    await authorize(await person(browser), flow.url, alice, relyingParty);
    const callback = await relyingParty.arrival();
    await invalidGrant(finish(config, callback.clone(), { ...flow, verifier: oidc.randomPKCECodeVerifier() }));
    await invalidGrant(finish(config, callback, flow));
  });

  for (const method of ['none', 'client_secret_basic']) {
    test(`a rotated refresh token after its successor was used, by a ${method} client: the successor is revoked too`, async () => {
      const { config } = await register({ token_endpoint_auth_method: method, rotate_refresh_tokens: true });
      const { tokens: first } = await signInWith(config, await person(browser));
      const second = await oidc.refreshTokenGrant(config, first.refresh_token);
      assert.notEqual(second.refresh_token, first.refresh_token);
      const third = await oidc.refreshTokenGrant(config, second.refresh_token);
      await invalidGrant(oidc.refreshTokenGrant(config, first.refresh_token));
      await invalidGrant(oidc.refreshTokenGrant(config, third.refresh_token));
      await assertAccessTokenRefused(config, third);
    });
  }

  test("another client's refresh token: invalid_grant, and the owner's still works", async () => {
    const owner = (await register()).config;
    const stranger = (await register()).config;
    const { tokens } = await signInWith(owner, await person(browser));
    await invalidGrant(oidc.refreshTokenGrant(stranger, tokens.refresh_token));
    await oidc.refreshTokenGrant(owner, tokens.refresh_token);
  });

  test('a wrong client secret: invalid_client', async () => {
    const { registration } = await register({ token_endpoint_auth_method: 'client_secret_basic', grant_types: ['client_credentials'], response_types: [] });
    const config = await discover({ ...registration, client_secret: 'not-the-secret' });
    await assert.rejects(oidc.clientCredentialsGrant(config), (error) => {
      // RFC 6749, section 5.2: 401 and a challenge, because the client tried by Basic. openid-client shows the challenge's error.
      assert.equal(error.status, 401);
      return true;
    });
  });
});

test('a refresh repeated at once, its successor unused, gets the same successor again', async () => {
  const { config } = await register();
  const { tokens } = await signInWith(config, await person(browser));
  const answers = await Promise.all([1, 2, 3].map(() => oidc.refreshTokenGrant(config, tokens.refresh_token)));
  assert.equal(new Set(answers.map((answer) => answer.refresh_token)).size, 1);
  assert.equal(new Set(answers.map((answer) => answer.access_token)).size, 3);
  for (const answer of answers) await oidc.fetchUserInfo(config, answer.access_token, tokens.claims().sub);
});

// What a resource server that never heard of us does with a token: jose, the published keys, RFC 9068, sections 2.2 and 4.
test('an access token is a JWT that a resource server can check by the published keys', async () => {
  const { registration, config } = await register();
  const { tokens } = await signInWith(config, await person(browser));
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const { payload } = await jwtVerify(tokens.access_token, keys, {
    issuer: provider.issuer,
    audience: provider.issuer,
    typ: 'at+jwt',
    requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  });
  assert.equal(payload.sub, tokens.claims().sub);
  assert.equal(payload.client_id, registration.client_id);
});

test('an opaque access token opens userinfo as well', async () => {
  const { config } = await register({ access_token_format: 'opaque' });
  const { tokens } = await signInWith(config, await person(browser));
  assert.doesNotMatch(tokens.access_token, /\./);
  await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
});

test('the token endpoint answers JSON to a client that asks for HTML', async () => {
  const { config } = await register({ grant_types: ['client_credentials'], response_types: [], redirect_uris: [], token_endpoint_auth_method: 'client_secret_post' });
  config[oidc.customFetch] = (url, options) => fetch(url, { ...options, headers: { ...options.headers, accept: 'text/html, */*;q=0.1' } });
  assert.ok((await oidc.clientCredentialsGrant(config)).access_token);
});

// RFC 8628: the device polls while a person allows or denies it elsewhere.
describe('a device', () => {
  const metadata = { grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], response_types: [], redirect_uris: [], token_endpoint_auth_method: 'none' };

  async function answered(decision) {
    const { config } = await register(metadata);
    const device = await oidc.initiateDeviceAuthorization(config, { scope: SCOPE });
    const polled = oidc.pollDeviceAuthorizationGrant(config, device);
    polled.catch(() => {}); // looked at below
    const page = await person(browser);
    await page.goto(device.verification_uri_complete);
    await enterUserCode(page, device.user_code.toLowerCase());
    await signIn(page, alice);
    await follow(page, () => page.click(decision));
    assert.equal(await page.locator(ids.deviceAnswered).count(), 1);
    return { config, polled };
  }

  test('gets tokens once its user has allowed it', async () => {
    const { config, polled } = await answered(ids.deviceAllow);
    const tokens = await polled;
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(userinfo.email, alice.email);
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(refreshed.claims().sub, tokens.claims().sub);
  });

  test('is told that its user denied it', async () => {
    const { polled } = await answered(ids.deviceDeny);
    await assert.rejects(polled, { error: 'access_denied' });
  });
});

test('client credentials bring an access token without a person', async () => {
  const { config } = await register({ grant_types: ['client_credentials'], response_types: [], redirect_uris: [], token_endpoint_auth_method: 'client_secret_basic' });
  const tokens = await oidc.clientCredentialsGrant(config);
  assert.ok(tokens.access_token);
  assert.equal(tokens.refresh_token, undefined, 'RFC 6749, section 4.4.3: no refresh token');
});

describe('tokens that come back', () => {
  const API = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], may_introspect: true };

  for (const method of ['client_secret_basic', 'client_secret_post']) {
    test(`an API that authenticates by ${method} learns of a revocation at once`, async () => {
      const { registration, config } = await register();
      const { config: api } = await register({ ...API, token_endpoint_auth_method: method });
      const { tokens } = await signInWith(config, await person(browser));
      const told = await oidc.tokenIntrospection(api, tokens.access_token);
      assert.equal(told.active, true);
      assert.equal(told.client_id, registration.client_id);
      assert.equal(told.sub, tokens.claims().sub);
      assert.equal(told.username, alice.username);

      await oidc.tokenRevocation(config, tokens.access_token);
      assert.deepEqual(await oidc.tokenIntrospection(api, tokens.access_token), { active: false });
      await assertAccessTokenRefused(config, tokens);
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      await oidc.tokenRevocation(config, refreshed.refresh_token, { token_type_hint: 'refresh_token' });
      assert.deepEqual(await oidc.tokenIntrospection(api, refreshed.access_token), { active: false });
      await invalidGrant(oidc.refreshTokenGrant(config, refreshed.refresh_token));
    });
  }

  test('a signed introspection response is verified by the published keys', async () => {
    const { config } = await register({ access_token_format: 'opaque' });
    const { tokens } = await signInWith(config, await person(browser));
    for (const introspection_signed_response_alg of ['RS256', 'ES256']) {
      const { config: api } = await register({ ...API, token_endpoint_auth_method: 'client_secret_basic', introspection_signed_response_alg });
      oidc.enableNonRepudiationChecks(api);
      let type;
      api[oidc.customFetch] = async (url, options) => {
        const answer = await fetch(url, options);
        if (url.endsWith('/introspect')) type = answer.headers.get('content-type');
        return answer;
      };
      const told = await oidc.tokenIntrospection(api, tokens.access_token);
      assert.equal(type, 'application/token-introspection+jwt');
      assert.equal(told.active, true);
      assert.equal(told.sub, tokens.claims().sub);
      assert.deepEqual(await oidc.tokenIntrospection(api, 'x'), { active: false });
    }
  });
});

test('sign-out without a hint asks first, and then says that it is done', async () => {
  const { config } = await register();
  const page = await person(browser);
  await signInWith(config, page);
  await page.goto(config.serverMetadata().end_session_endpoint);
  await follow(page, () => page.click(ids.logout));
  assert.equal(new URL(page.url()).origin, provider.issuer);
  await assertSignedOut(config, page);
});

// RP-Initiated Logout 1.0, sections 2 and 3: client_id says whose registered address it is, and the person agrees.
// oauth2-proxy and many others sign out like this.
test('sign-out by client_id and a registered address, without a hint, asks first and then goes there', async () => {
  const { registration, config } = await register();
  const page = await person(browser);
  await signInWith(config, page);
  const state = oidc.randomState();
  const url = oidc.buildEndSessionUrl(config, { client_id: registration.client_id, post_logout_redirect_uri: relyingParty.signedOut, state });
  assert.equal(url.searchParams.get('id_token_hint'), null);
  await page.goto(url.href);
  assert.equal(new URL(page.url()).origin, provider.issuer, 'no redirect before the person agreed');
  assert.equal(relyingParty.arrivals.length, 0);

  await follow(page, () => page.click(ids.logout));
  const arrival = await relyingParty.arrival('/signed-out');
  assert.equal(new URL(arrival.url).searchParams.get('state'), state);
  assert.ok(page.url().startsWith(relyingParty.signedOut), page.url());
  await assertSignedOut(config, page);
});

test('sign-out by client_id and an address that is not registered signs out, and stays here', async () => {
  const { registration, config } = await register();
  const page = await person(browser);
  await signInWith(config, page);
  const unregistered = `${relyingParty.signedOut}/`;
  await page.goto(oidc.buildEndSessionUrl(config, { client_id: registration.client_id, post_logout_redirect_uri: unregistered }).href);
  await follow(page, () => page.click(ids.logout));
  assert.equal(new URL(page.url()).origin, provider.issuer);
  assert.equal(relyingParty.arrivals.length, 0);
  await assertSignedOut(config, page);
});
