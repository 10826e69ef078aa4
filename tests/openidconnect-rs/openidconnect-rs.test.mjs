// The crate openidconnect as an application: discovery, the code flow with PKCE, userinfo and a refresh, the device flow, and
// dynamic registration. Its revocation needs https, so it is not tried here.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { authorize, enterUserCode, follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { alice } from '../harness/people.mjs';
import { Program } from '../harness/program.mjs';
import { Provider } from '../harness/provider.mjs';
import { RelyingParty } from '../harness/relying_party.mjs';

let provider, browser, relyingParty;

before(async () => {
  provider = await Provider.start();
  await provider.createUser(alice);
  relyingParty = await RelyingParty.start();
  browser = await launch();
});

beforeEach(() => relyingParty.forget());

after(async () => {
  await browser?.close();
  relyingParty?.stop();
  assert.equal(await provider?.stop(), 0, provider?.log);
});

/** Starts it, and returns a function that tells it something, if anything, and returns what it says next. */
function start(word, { client_id, client_secret } = {}, more = {}) {
  const env = { ISSUER: provider.issuer, CALLBACK: relyingParty.callback, ...more };
  if (client_id) env.CLIENT_ID = client_id;
  if (client_secret) env.CLIENT_SECRET = client_secret;
  const program = new Program(process.env.OPENIDCONNECT_RS, [word], { env });
  let heard = 0;
  return async (line) => {
    if (line) program.child.stdin.write(`${line}\n`);
    const lines = () => program.log.match(/^\{.*\}$/gm) ?? [];
    await program.waitFor('line', () => lines().length > heard);
    return JSON.parse(lines()[heard++]);
  };
}

function register(metadata = {}) {
  return provider.createClient({
    client_name: 'openidconnect-rs',
    redirect_uris: [relyingParty.callback],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    ...metadata,
  });
}

async function signedIn(next) {
  const { open } = await next();
  assert.deepEqual(await authorize(await person(browser), new URL(open), alice, relyingParty), ['login', 'consent']);
  const result = await next((await relyingParty.arrival()).url);
  assert.equal(result.error, undefined, `${result.error}`);
  assert.equal(result.email, alice.email);
  assert.equal(result.sub_at_refresh, result.sub);
  assert.equal(result.access_token_changed, true);
  return result;
}

for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
  test(`signs in with an ID token signed by ${algorithm}, reads userinfo and refreshes`, async () => {
    const result = await signedIn(start('sign-in', await register({ id_token_signed_response_alg: algorithm })));
    assert.match(result.algorithm, { RS256: /RsaSsaPkcs1V15Sha256/, PS256: /RsaSsaPssSha256/, ES256: /EcdsaP256Sha256/, EdDSA: /EdDsa/ }[algorithm]);
  });
}

test('signs in as a public client', async () => {
  await signedIn(start('sign-in', await register({ token_endpoint_auth_method: 'none' })));
});

test('registers itself, and signs in', async () => {
  const { token } = JSON.parse(await provider.command(['registration-token', 'create', '--uses', '1', '--json']));
  const next = start('register', {}, { INITIAL_ACCESS_TOKEN: token });
  assert.ok((await next()).registered);
  await signedIn(next);
  const again = await start('register', {}, { INITIAL_ACCESS_TOKEN: token })();
  assert.match(again.error.join(), /invalid_token|401/, 'the token was used');
});

test('is told that the person denied it', async () => {
  const next = start('sign-in', await register());
  const page = await person(browser);
  await page.goto((await next()).open);
  await signIn(page, alice);
  await follow(page, () => page.click(ids.deny));
  assert.deepEqual(await next((await relyingParty.arrival()).url), { error: ['access_denied'] });
});

for (const [how, decision, expected] of [
  ['gets tokens once the person allowed it', ids.deviceAllow, { email: alice.email }],
  ['is told that the person denied it', ids.deviceDeny, { error: /access_denied/ }],
]) {
  test(`as a device it ${how}`, async () => {
    const grant_types = ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'];
    const next = start('device', await register({ grant_types, response_types: [], redirect_uris: [], token_endpoint_auth_method: 'none' }));
    const { open, user_code } = await next();
    const page = await person(browser);
    await page.goto(open);
    await enterUserCode(page, user_code);
    await signIn(page, alice);
    await follow(page, () => page.click(decision));
    const result = await next();
    if (expected.email) assert.equal(result.email, expected.email, `${result.error}`);
    else assert.match(result.error.join(), expected.error);
  });
}
