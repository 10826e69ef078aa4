// Looks at every page that a person can meet, as a browser shows it: at the width of a phone and of a desk, light and
// dark, in English and German, with scripts switched off. axe-core judges accessibility (WCAG 2.2 AA); the rest is below.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import * as oidc from 'openid-client';
import { enterUserCode, follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { Provider } from '../harness/provider.mjs';
import { RelyingParty } from '../harness/relying_party.mjs';

const SCREENSHOTS = process.env.SCREENSHOTS_DIR ?? 'screenshots';
const WIDTHS = [360, 1280];
const SCHEMES = ['light', 'dark'];
const alice = { username: 'alice', email: 'alice@example.org', name: 'Alice Example', password: 'correct horse battery staple' };
const LONG_NAME = `Countersign's longest <b>client</b> "name" & ${'Donaudampfschifffahrtsgesellschaft'.repeat(3)}`;

let provider, fresh, relyingParty, elsewhere, browser;

before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  provider = await Provider.start();
  fresh = await Provider.start('[errors]\nexplain_errors = true\n');
  relyingParty = await RelyingParty.start();
  elsewhere = await RelyingParty.start();
  browser = await launch();
  await provider.createUser(alice);
});

after(async () => {
  await browser?.close();
  relyingParty?.stop();
  elsewhere?.stop();
  await provider?.stop();
  await fresh?.stop();
});

// A scene leads an empty browser to its page. Its name is the screenshot's.
const SCENES = {
  home: (page) => page.goto(`${provider.issuer}/`),
  login: async (page) => page.goto(await request()),
  'login-rejected': async (page) => {
    await page.goto(await request());
    await signIn(page, { ...alice, password: 'not her password' });
  },
  'login-confirming': async (page) => {
    await arriveAtConsent(page);
    await page.goto(await request({ prompt: 'login' }));
  },
  'login-account': (page) => page.goto(`${provider.issuer}/account`),
  account: async (page) => {
    await page.goto(`${provider.issuer}/account`);
    await signIn(page, alice);
    assert.equal(await page.locator(ids.signOut).count(), 1);
  },
  'select-account': async (page) => {
    await signInFully(page);
    await page.goto(await request({ prompt: 'select_account' }));
  },
  consent: (page) => arriveAtConsent(page, { scope: 'openid profile email address phone offline_access', prompt: 'consent' }),
  'consent-sign-in-only': (page) => arriveAtConsent(page, { scope: 'openid' }, { redirect_uris: ['https://shop.example/callback'] }, 'https://shop.example/callback'),
  'consent-long-name': (page) => arriveAtConsent(page, {}, { client_name: LONG_NAME }),
  'form-post': async (page) => {
    await arriveAtConsent(page, { response_mode: 'form_post' });
    await follow(page, () => page.click(ids.allow));
    assert.equal(await page.locator(`form[action="${relyingParty.callback}"] button`).count(), 1);
  },
  'device-code': (page) => page.goto(`${provider.issuer}/device`),
  'device-code-linked': async (page) => page.goto((await deviceRequest()).verification_uri_complete),
  'device-code-rejected': async (page) => {
    await page.goto(`${provider.issuer}/device`);
    await enterUserCode(page, 'BCDF GHJK');
  },
  'device-login': async (page) => {
    const { verification_uri, user_code } = await deviceRequest();
    await page.goto(verification_uri);
    await enterUserCode(page, user_code);
    assert.equal(await page.locator(ids.password).count(), 1);
  },
  'device-approval': (page) => arriveAtApproval(page, { client_name: 'Television' }, 'openid profile email offline_access'),
  'device-approval-long-name': (page) => arriveAtApproval(page, { client_name: LONG_NAME, grant_types: [DEVICE_CODE] }, 'openid'),
  'device-allowed': async (page) => {
    await arriveAtApproval(page);
    await follow(page, () => page.click(ids.deviceAllow));
    assert.equal(await page.locator(ids.deviceAnswered).count(), 1);
  },
  'device-denied': async (page) => {
    await arriveAtApproval(page);
    await follow(page, () => page.click(ids.deviceDeny));
    assert.equal(await page.locator(ids.deviceAnswered).count(), 1);
  },
  'error-device-over': async (page) => {
    // The same request in a second tab, answered there first.
    const { verification_uri, user_code } = await arriveAtApproval(page);
    const tab = await page.context().newPage();
    await tab.goto(verification_uri);
    await enterUserCode(tab, user_code);
    await follow(tab, () => tab.click(ids.deviceDeny));
    await tab.close();
    await follow(page, () => page.click(ids.deviceAllow));
    assert.equal(await page.locator('#error-heading').count(), 1);
  },
  logout: async (page) => {
    await signInFully(page);
    await page.goto(`${provider.issuer}/logout`);
    assert.equal(await page.locator(ids.logout).count(), 1);
  },
  'logged-out': async (page) => {
    await signInFully(page);
    await page.goto(`${provider.issuer}/logout`);
    await follow(page, () => page.click(ids.logout));
  },
  'error-redirect-uri': async (page) => page.goto(await request({ redirect_uri: 'https://attacker.example/callback' })),
  'error-explained': async (page) => {
    const { client_id } = await fresh.createClient({ client_name: 'Shop', redirect_uris: [relyingParty.callback] });
    const refused = 'https://shop.example/a/long/path/to/the/callback?with=a&query=string';
    await page.goto(`${fresh.issuer}/authorize?${new URLSearchParams({ client_id, redirect_uri: refused, response_type: 'code', scope: 'openid' })}`);
    assert.equal(await page.innerText('#error-value'), refused);
    assert.equal(await page.innerText('#error-command'), `countersign client update ${client_id} --add-redirect-uri '${refused}'`);
  },
  'error-unknown-client': async (page) => page.goto(`${provider.issuer}/authorize?client_id=nobody&response_type=code`),
  'error-not-found': (page) => page.goto(`${provider.issuer}/no-such-page`),
  'error-interaction': async (page) => {
    // The same form in a browser that has lost its cookies.
    await page.goto(await request());
    await page.context().clearCookies();
    await signIn(page, alice);
  },
  setup: async (page) => page.goto(await link()),
  'setup-problems': async (page) => {
    await page.goto(await link());
    await fillSetup(page, { password: 'short', again: 'another' });
  },
  'setup-link-invalid': async (page) => page.goto((await link()).replace(/.{6}$/, 'AAAAAA')),
};

// Scenes whose form may end at the client.
const LEADS_TO_CLIENT = new Set([
  'login', 'login-rejected', 'login-confirming', 'select-account', 'consent', 'consent-sign-in-only', 'consent-long-name', 'form-post',
]);

for (const locale of ['en-GB', 'de-DE']) {
  describe(`in ${locale}, without JavaScript`, () => {
    for (const [name, lead] of Object.entries(SCENES)) {
      test(name, () => judge(name, lead, locale));
    }
  });
}

test('a client name with markup is shown as text', async () => {
  const page = await person(browser);
  await arriveAtConsent(page, {}, { client_name: LONG_NAME });
  assert.ok((await page.innerText('body')).includes(LONG_NAME));
  assert.equal(await page.locator('b', { hasText: 'client' }).count(), 0);
});

test('"Not you?" on the consent page leads to the sign-in with another account', async () => {
  const page = await person(browser);
  await arriveAtConsent(page);
  await follow(page, () => page.click(ids.notYou));
  assert.equal(await page.inputValue(ids.username), '');
  await signIn(page, alice);
  assert.equal(await page.locator(ids.allow).count(), 1);
});

for (const response_mode of ['query', 'form_post']) {
  test(`a callback may go on to another origin and to a private-use scheme (${response_mode})`, async () => {
    for (const onward of [`${elsewhere.origin}/done`, 'myapp://done']) {
      const page = await person(browser);
      const said = [];
      page.on('console', (message) => said.push(message.text()));
      relyingParty.onward = onward;
      try {
        await arriveAtConsent(page, { response_mode, prompt: 'consent' });
        await page.click(ids.allow);
        await relyingParty.arrival();
        if (onward.startsWith('http')) {
          await elsewhere.arrival('/done');
          await page.waitForURL(onward);
        } else {
          // No program here opens it. What matters is that the browser tried, and what it says then.
          await page.waitForTimeout(1000);
        }
        assert.deepEqual(said.filter((text) => /Content Security Policy|form-action/i.test(text)), [], onward);
      } finally {
        relyingParty.onward = undefined;
        await page.context().close();
      }
    }
  });
}

test('where scripts run a password can be shown, and is sent as a password', async () => {
  for (const [name, lead, count] of [['login', async () => request(), 1], ['setup', link, 2]]) {
    const page = await person(browser, { reducedMotion: 'reduce', viewport: { width: WIDTHS[0], height: 740 } });
    await page.goto(await lead());
    const show = page.getByRole('button', { name: /^Show: / });
    assert.equal(await show.count(), count, name);
    const field = page.locator('input[type=password]').first();
    await field.fill('correct horse');
    const id = await field.getAttribute('id');
    await show.first().click();
    assert.equal(await page.getAttribute(`#${id}`, 'type'), 'text');
    assert.deepEqual(await keyboardFaults(page), []);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-password-shown.png`), fullPage: true });
    await page.getByRole('button', { name: /^Hide: / }).click();
    assert.equal(await page.getAttribute(`#${id}`, 'type'), 'password');
    await page.context().close();
  }
});

// Last, because it uses the setup link up.
test('setup-done', () =>
  judge('setup-done', async (page) => {
    await page.goto(await link());
    await fillSetup(page, { password: alice.password, again: alice.password });
  }));

// Reduced motion, so that nothing is looked at halfway between two colours.
async function judge(name, lead, locale = 'en-GB') {
  const page = await person(browser, { javaScriptEnabled: false, locale, reducedMotion: 'reduce', viewport: { width: WIDTHS[0], height: 740 } });
  const faults = [];
  const origins = [provider.issuer, fresh.issuer];
  let headers = {};
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !isStatus(message) && faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()} ${request.failure().errorText}`));
  page.on('request', (request) => {
    const origin = new URL(request.url()).origin;
    if (!origins.includes(origin) && origin !== relyingParty.origin) faults.push(`asked another host: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) headers = response.headers();
  });

  await lead(page);
  assert.ok(origins.includes(new URL(page.url()).origin), `we are at ${page.url()}`);
  const shown = { url: page.url(), html: await page.content(), headers };
  faults.push(...headerFaults(name, headers));
  const language = await page.locator('html').getAttribute('lang');
  if (language !== locale && language !== locale.slice(0, 2)) faults.push(`lang is ${language}, not ${locale}`);

  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      await page.setViewportSize({ width, height: 740 });
      await page.emulateMedia({ colorScheme });
      const where = `${width} px, ${colorScheme}`;
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) faults.push(`${where}: ${wide} px too wide`);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${locale.slice(0, 2)}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
  faults.push(...(await keyboardFaults(page)));
  faults.push(...(await axeFaults(shown)));
  await page.context().close();
  if (faults.length > 0) assert.fail(faults.join('\n'));
}

// Chromium reports a page answered with 4xx on the console; that is what an error page is.
function isStatus(message) {
  return message.text().startsWith('Failed to load resource: the server responded with a status of 4');
}

// RFC 9700, section 4.16 and RFC 6749, section 10.13 (framing), RFC 9700, section 4.2.4 (referrer), RFC 6749, section 5.1 (no-store).
function headerFaults(name, headers) {
  const policy = headers['content-security-policy'] ?? '';
  const expected = [
    [/default-src 'none'/.test(policy), "the policy starts from default-src 'none'"],
    [/frame-ancestors 'none'/.test(policy), "frame-ancestors 'none'"],
    // Chromium checks form-action against every hop, the client's own included, so a page that leads to one has none.
    [/form-action 'self';/.test(policy) !== LEADS_TO_CLIENT.has(name), "form-action 'self', or none on the way to a client"],
    [/form-action/.test(policy) !== LEADS_TO_CLIENT.has(name), 'no other form-action'],
    [/base-uri 'none'/.test(policy), "base-uri 'none'"],
    [!/unsafe-inline|unsafe-eval|\*/.test(policy), 'nothing unsafe and no wildcard in the policy'],
    [headers['x-frame-options'] === 'DENY', 'X-Frame-Options DENY'],
    [headers['x-content-type-options'] === 'nosniff', 'X-Content-Type-Options nosniff'],
    [headers['referrer-policy'] === 'no-referrer', 'Referrer-Policy no-referrer'],
    [/no-store/.test(headers['cache-control']), 'Cache-Control no-store'],
  ];
  return expected.filter(([holds]) => !holds).map(([, rule]) => `header missing: ${rule} (${policy})`);
}

// axe needs timers, which a page without JavaScript has not. So it gets the same page once more where scripts run,
// but none of the page's own: it would leave by itself.
async function axeFaults({ url, html, headers }) {
  const page = await person(browser, { reducedMotion: 'reduce', viewport: { width: WIDTHS[0], height: 740 } });
  const policy = `${headers['content-security-policy']}, script-src 'none'`;
  await page.route(url, (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8', headers: { 'content-security-policy': policy } }));
  await page.goto(url);
  await page.evaluate(axe.source);
  const faults = new Set();
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    const violations = await page.evaluate(async () => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      return (await globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] })).violations;
    });
    for (const { id, help, nodes } of violations) {
      for (const { html, failureSummary } of nodes) faults.add(`${colorScheme}: ${id}: ${help}: ${html} (${failureSummary})`);
    }
  }
  await page.context().close();
  return faults;
}

// Every control is reached by Tab, in its order on the page, and shows that it has the focus (WCAG 2.1.1, 2.4.3, 2.4.7).
async function keyboardFaults(page) {
  const count = await page.evaluate(() => {
    const controls = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter((control) => control.checkVisibility());
    controls.forEach((control, index) => control.setAttribute('data-stop', index));
    return controls.length;
  });
  const faults = [];
  const reached = [];
  for (let presses = 0; presses < count + 2; presses++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return {
        stop: document.activeElement.getAttribute('data-stop'),
        html: document.activeElement.outerHTML.slice(0, 120),
        visible: style.outlineStyle === 'auto' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none',
      };
    });
    if (focus.stop === null) continue;
    reached.push(Number(focus.stop));
    if (!focus.visible) faults.push(`no visible focus: ${focus.html}`);
  }
  if (new Set(reached).size !== count) faults.push(`Tab reaches ${new Set(reached).size} of ${count} controls`);
  const inOrder = reached.slice(1).every((stop, index) => stop === (reached[index] + 1) % count);
  if (!inOrder) faults.push(`Tab order is ${reached}`);
  return faults;
}

async function request(parameters = {}, metadata = {}) {
  const { client_id } = await provider.createClient({
    client_name: 'The application',
    client_uri: 'https://client.example/',
    policy_uri: 'https://client.example/policy',
    tos_uri: 'https://client.example/terms',
    redirect_uris: [relyingParty.callback],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'openid profile email address phone offline_access',
    ...metadata,
  });
  const config = await oidc.discovery(new URL(provider.issuer), client_id, undefined, oidc.None(), { execute: [oidc.allowInsecureRequests] });
  return oidc.buildAuthorizationUrl(config, {
    redirect_uri: relyingParty.callback,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
    code_challenge_method: 'S256',
    state: oidc.randomState(),
    ...parameters,
  }).href;
}

async function arriveAtConsent(page, parameters = {}, metadata = {}, redirect_uri = relyingParty.callback) {
  await page.goto(await request({ redirect_uri, ...parameters }, metadata));
  await signIn(page, alice);
  assert.equal(await page.locator(ids.allow).count(), 1);
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

// RFC 8628, sections 3.1 and 3.2, as a device asks.
async function deviceRequest(metadata = {}, scope = 'openid profile') {
  const { client_id } = await provider.createClient({
    client_name: 'Television',
    policy_uri: 'https://client.example/policy',
    tos_uri: 'https://client.example/terms',
    grant_types: [DEVICE_CODE, 'refresh_token'],
    token_endpoint_auth_method: 'none',
    ...metadata,
  });
  const body = new URLSearchParams({ client_id, scope });
  const headers = { 'user-agent': 'Television/1.0 (Living room)' };
  const response = await fetch(`${provider.issuer}/device_authorization`, { method: 'POST', body, headers });
  assert.equal(response.status, 200);
  return response.json();
}

async function arriveAtApproval(page, metadata = {}, scope = undefined) {
  const request = await deviceRequest(metadata, scope);
  await page.goto(request.verification_uri);
  await enterUserCode(page, request.user_code);
  await signIn(page, alice);
  assert.equal(await page.locator(ids.deviceAllow).count(), 1);
  return request;
}

async function signInFully(page) {
  await arriveAtConsent(page);
  await follow(page, () => page.click(ids.allow));
  await relyingParty.arrival();
}

async function link() {
  return (await fresh.command(['setup-link'])).match(/https?:\/\/\S+/)[0];
}

async function fillSetup(page, { password, again }) {
  await page.fill('#setup-name', 'Ada Admin');
  await page.fill('#setup-email', 'ada@example.org');
  await page.fill('#setup-username', 'ada');
  await page.fill('#setup-password', password);
  await page.fill('#setup-password-again', again);
  await follow(page, () => page.click('#setup-submit'));
}
