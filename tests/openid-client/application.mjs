// An application that uses openid-client: one provider, one browser and one relying party for each file of tests.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { authorize, follow, ids, launch } from '../harness/browser.mjs';
import { alice, bob } from '../harness/people.mjs';
import { Provider } from '../harness/provider.mjs';
import { RelyingParty } from '../harness/relying_party.mjs';

export const SCOPE = 'openid profile email offline_access';

export let provider, relyingParty, browser;

/** `settings` are further lines of the provider's configuration. */
export async function open(settings) {
  provider = await Provider.start(settings);
  relyingParty = await RelyingParty.start();
  browser = await launch();
  await provider.createUser(alice);
  await provider.createUser(bob);
}

export async function close() {
  await browser?.close();
  relyingParty?.stop();
  const exitCode = await provider?.stop();
  assert.equal(exitCode, 0, `the server ends cleanly on SIGTERM:\n${provider?.log}`);
}

/** Registers a client at the command line. `authentication` is openid-client's, for methods that need more than the registration. */
export async function register(metadata = {}, authentication) {
  const registration = await provider.createClient({
    client_name: 'The application',
    redirect_uris: [relyingParty.callback],
    post_logout_redirect_uris: [relyingParty.signedOut],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: SCOPE,
    ...metadata,
  });
  return { registration, config: await discover(registration, authentication) };
}

export function discover(registration, authentication = byRegistration(registration)) {
  return oidc.discovery(new URL(provider.issuer), registration.client_id, registration, authentication, {
    execute: [oidc.allowInsecureRequests],
  });
}

function byRegistration({ client_secret, token_endpoint_auth_method }) {
  return {
    none: () => oidc.None(),
    client_secret_basic: () => oidc.ClientSecretBasic(client_secret),
    client_secret_post: () => oidc.ClientSecretPost(client_secret),
    client_secret_jwt: () => oidc.ClientSecretJwt(client_secret),
  }[token_endpoint_auth_method]();
}

export async function begin(config, parameters = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: relyingParty.callback,
    scope: SCOPE,
    // OpenID Connect Core, section 11: offline_access comes with prompt=consent.
    ...((parameters.scope ?? SCOPE).includes('offline_access') ? { prompt: 'consent' } : {}),
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { url, verifier, state, nonce, maxAge: parameters.max_age && Number(parameters.max_age) };
}

export function finish(config, callback, flow) {
  return oidc.authorizationCodeGrant(config, callback.method === 'POST' ? callback : new URL(callback.url), {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    idTokenExpected: true,
    maxAge: flow.maxAge,
  });
}

export async function signInWith(config, page, { user = alice, parameters = {} } = {}) {
  const flow = await begin(config, parameters);
  const passed = await authorize(page, flow.url, user, relyingParty);
  return { tokens: await finish(config, await relyingParty.arrival(), flow), passed };
}

// RP-Initiated Logout, sections 1.0, 2 and 3: with a valid hint and a registered address the browser comes back with the state.
export async function signOut(config, page, id_token_hint) {
  const state = oidc.randomState();
  const url = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: relyingParty.signedOut, id_token_hint, state });
  await page.goto(url.href);
  if (await page.locator(ids.logout).count()) await follow(page, () => page.click(ids.logout));
  const arrival = await relyingParty.arrival('/signed-out');
  assert.equal(new URL(arrival.url).searchParams.get('state'), state);
}

export async function assertSignedOut(config, page) {
  const flow = await begin(config, { prompt: 'none', scope: 'openid' });
  await page.goto(flow.url.href);
  const callback = await relyingParty.arrival();
  await assert.rejects(finish(config, callback, flow), { error: 'login_required' });
}

export function invalidGrant(answer) {
  return assert.rejects(answer, (error) => {
    assert.ok(error instanceof oidc.ResponseBodyError, String(error));
    assert.equal(error.error, 'invalid_grant');
    assert.equal(error.status, 400);
    return true;
  });
}

export function assertAccessTokenRefused(config, tokens) {
  return assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck), (error) => {
    assert.ok(error instanceof oidc.WWWAuthenticateChallengeError, String(error));
    assert.equal(error.status, 401);
    assert.equal(error.cause[0].parameters.error, 'invalid_token');
    return true;
  });
}
