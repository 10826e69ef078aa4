// A person at headless Chromium, who knows the provider's pages by their stable ids only.

import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';

export const ids = {
  username: '#login-username',
  password: '#login-password',
  submit: '#login-submit',
  cancel: '#login-cancel',
  other: '#login-other',
  allow: '#consent-allow',
  deny: '#consent-deny',
  notYou: '#consent-other',
  logout: '#logout-confirm',
  signOut: '#account-sign-out',
  deviceCode: '#device-code',
  deviceContinue: '#device-continue',
  deviceAllow: '#device-allow',
  deviceDeny: '#device-deny',
  deviceAnswered: '#device-answered',
};

export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    // Chromium's own sandbox needs user namespaces that root and containers lack; it only ever visits our own pages.
    chromiumSandbox: false,
    args: ['--disable-gpu', '--disable-quic', '--disable-component-update', '--disable-sync', '--disable-background-networking'],
  });
}

/** A person with an empty cookie jar. Options are Playwright's context options, such as javaScriptEnabled. */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(10_000);
  context.scriptsOff = options.javaScriptEnabled === false;
  return context.newPage();
}

/** Does something that leads to another page and waits until that one is there. */
export async function follow(page, act) {
  const navigated = page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame());
  await act();
  await navigated;
  await page.waitForLoadState('domcontentloaded');
}

export async function signIn(page, { username, password }) {
  // Who only confirms who they are types no name.
  if (await page.locator(ids.username).isVisible()) await page.fill(ids.username, username);
  await page.fill(ids.password, password);
  await follow(page, () => page.click(ids.submit));
}

/** Types the code that a device shows, on the page that the person is on. */
export async function enterUserCode(page, code) {
  await page.fill(ids.deviceCode, code);
  await follow(page, () => page.click(ids.deviceContinue));
}

/**
 * From an authorization request to the application: signs in and consents where asked.
 * Returns the pages passed on the way, such as ['login', 'consent'].
 */
export async function authorize(page, url, user, relyingParty) {
  await page.goto(url.href);
  for (const passed = []; ; ) {
    const stop = await whereAmI(page, relyingParty);
    if (stop === 'application') return passed;
    if (stop === undefined || passed.includes(stop)) {
      throw new Error(`stuck after [${passed}] at ${page.url()}:\n${await page.innerText('body')}`);
    }
    passed.push(stop);
    if (stop === 'login') await signIn(page, user);
    if (stop === 'consent') await follow(page, () => page.click(ids.allow));
    if (stop === 'form_post') await leaveByForm(page, relyingParty);
  }
}

async function whereAmI(page, relyingParty) {
  const stops = [['login', ids.username], ['consent', ids.allow], ['form_post', formTo(relyingParty)]];
  // Twice, because a page that submits itself can be gone while we look at it.
  for (let look = 0; look < 2; look++) {
    if (page.url().startsWith(relyingParty.origin)) return 'application';
    try {
      for (const [stop, selector] of stops) if (await page.locator(selector).count()) return stop;
    } catch (error) {
      if (!/context was destroyed|navigat/i.test(error.message)) throw error;
    }
    await page.waitForLoadState('load');
  }
  return undefined;
}

// OAuth 2.0 Form Post Response Mode: the page submits itself; without scripts it must have a button.
async function leaveByForm(page, relyingParty) {
  const arrived = page.waitForURL((url) => url.origin === relyingParty.origin);
  if (page.context().scriptsOff) await page.locator(`${formTo(relyingParty)} button`).click();
  await arrived;
}

function formTo(relyingParty) {
  return `form[action^="${relyingParty.origin}"]`;
}
