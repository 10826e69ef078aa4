// PyPI's mozilla-django-oidc in a Django project: signs people in and out, asks again in silence, and takes no for an answer.

import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { authorize, follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { alice, bob } from '../harness/people.mjs';
import { Program } from '../harness/program.mjs';
import { freePort, Provider } from '../harness/provider.mjs';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'site.py');

let provider, browser;

before(async () => {
  provider = await Provider.start();
  for (const user of [alice, bob]) await provider.createUser(user);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await provider?.stop(), 0, provider?.log);
});

async function withSite({ method = 'client_secret_basic', algorithm = 'RS256' }, use) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const registration = await provider.createClient({
    client_name: 'Django',
    redirect_uris: [`${origin}/oidc/callback/`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    token_endpoint_auth_method: method,
    id_token_signed_response_alg: algorithm,
  });
  const site = new Program(process.env.PYTHON, [PROGRAM], {
    env: {
      ISSUER: provider.issuer,
      CLIENT_ID: registration.client_id,
      CLIENT_SECRET: registration.client_secret,
      SIGN_ALGO: algorithm,
      BASIC_AUTH: method === 'client_secret_basic' ? '1' : '0',
      DATABASE: join(provider.folder, `${port}.sqlite`),
      PORT: `${port}`,
    },
  });
  try {
    await site.responds(`${origin}/signed-out`);
    await use(origin, site);
    assert.doesNotMatch(site.log, /Traceback/);
  } catch (error) {
    error.message += `\nThe site logged:\n${site.log}`;
    throw error;
  } finally {
    await site.stop();
  }
}

async function shown(page, url) {
  if (url) await page.goto(url);
  return JSON.parse(await page.innerText('body'));
}

for (const options of [{ method: 'client_secret_basic', algorithm: 'RS256' }, { method: 'client_secret_post', algorithm: 'ES256' }]) {
  test(`signs in and out by ${options.method}, with ${options.algorithm}`, () =>
    withSite(options, async (origin) => {
      const page = await person(browser);
      assert.deepEqual(await authorize(page, new URL(`${origin}/`), alice, { origin }), ['login', 'consent']);
      const first = await shown(page);
      assert.equal(first.email, alice.email);
      assert.equal(first.name, alice.name);

      // Its session is over after two seconds; then it asks with prompt=none, and no page is shown.
      await new Promise((wake) => setTimeout(wake, 2100));
      assert.deepEqual(await shown(page, `${origin}/`), first);

      await page.goto(`${origin}/sign-out`);
      await page.click('#sign-out');
      await page.waitForURL(`${origin}/signed-out`);
      assert.deepEqual(await shown(page), { signed_in: false });
      // Signed out here as well: another person can sign in, and is another user there.
      assert.deepEqual(await authorize(page, new URL(`${origin}/`), bob, { origin }), ['login', 'consent']);
      const second = await shown(page);
      assert.equal(second.email, bob.email);
      assert.notEqual(second.username, first.username);
    }));
}

test('a sign-out at the provider ends its session at the next silent question', () =>
  withSite({}, async (origin) => {
    const page = await person(browser);
    await authorize(page, new URL(`${origin}/`), alice, { origin });
    await page.goto(`${provider.issuer}/logout`);
    await follow(page, () => page.click(ids.logout));
    await new Promise((wake) => setTimeout(wake, 2100));
    // login_required: mozilla-django-oidc signs the person out and shows LOGIN_REDIRECT_URL_FAILURE.
    assert.deepEqual(await shown(page, `${origin}/`), { failed: true, signed_in: false });
  }));

test('a sign-in that is cancelled or denied fails in Django', () =>
  withSite({}, async (origin) => {
    const page = await person(browser);
    await page.goto(`${origin}/`);
    await follow(page, () => page.click(ids.cancel));
    assert.deepEqual(await shown(page), { failed: true, signed_in: false });
    await page.goto(`${origin}/`);
    await signIn(page, alice);
    await follow(page, () => page.click(ids.deny));
    assert.deepEqual(await shown(page), { failed: true, signed_in: false });
  }));
