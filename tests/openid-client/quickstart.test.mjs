// What the README promises a newcomer, done as it says: quickstart, the printed link, the demo application, and then the
// application of "A first application" with the very words and lines that stand there.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { follow, ids, launch, person, signIn } from '../harness/browser.mjs';
import { freePort, Provider } from '../harness/provider.mjs';

const README = readFileSync(process.env.README ?? resolve('README.md'), 'utf8');
const SCREENSHOTS = process.env.SCREENSHOTS_DIR ?? 'screenshots';
const ada = { username: 'ada', email: 'ada@example.org', name: 'Ada Admin', password: 'correct horse battery staple' };

let provider, browser;

before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  provider = await Provider.quickstart();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  const exitCode = await provider?.stop();
  assert.equal(exitCode, 0, `quickstart ends cleanly on SIGTERM:\n${provider?.log}`);
});

test('the printed link makes the administrator, once', async () => {
  const link = setupLink();
  assert.ok(link, provider.log);
  const page = await person(browser);
  await page.goto(link);
  await page.fill('#setup-name', ada.name);
  await page.fill('#setup-email', ada.email);
  await page.fill('#setup-username', ada.username);
  await page.fill('#setup-password', ada.password);
  await page.fill('#setup-password-again', ada.password);
  await follow(page, () => page.click('#setup-submit'));
  await page.screenshot({ path: join(SCREENSHOTS, 'quickstart-setup-done.png'), fullPage: true });

  // Setup signs the administrator in: from here to the account page, to the demo without a password, and out.
  await follow(page, () => page.click('#setup-account'));
  assert.equal(page.url(), `${provider.issuer}/account`);
  assert.ok((await page.innerText('body')).includes(ada.email));
  await page.goto(`${provider.demo}/`);
  await follow(page, () => page.click('#sign-in'));
  if (await page.locator(ids.allow).count()) await follow(page, () => page.click(ids.allow));
  assert.equal(await page.innerText('#signed-in'), ada.name, 'signed in without a password');
  await page.goto(`${provider.issuer}/`);
  assert.equal(page.url(), `${provider.issuer}/account`, 'the start page leads to the account');
  await follow(page, () => page.click(ids.signOut));
  assert.match(await page.innerText('h1'), /signed out/);
  await page.goto(`${provider.issuer}/`);
  assert.equal(await page.locator(ids.password).count(), 1, 'no one is signed in any more');

  const again = await page.goto(link);
  assert.ok(again.status() >= 400, 'the link is used up');
});

test('the demo application signs in, shows the claims, refreshes and signs out', async () => {
  const page = await person(browser);
  await page.goto(`${provider.demo}/`);
  await lookAt(page, 'demo-start');
  await signInToDemo(page);
  assert.equal(await page.innerText('#signed-in'), ada.name);
  await lookAt(page, 'demo-signed-in');
  assert.equal(await page.innerText('#email'), ada.email);
  for (const details of await page.locator('details').all()) {
    assert.equal(await details.getAttribute('open'), null, 'claims are folded at first');
    await details.locator('summary').click();
  }
  const shown = await page.innerText('body');
  for (const claim of [ada.email, 'auth_time', 'email']) assert.ok(shown.includes(claim), `${claim} in:\n${shown}`);
  await lookAt(page, 'demo-claims');

  await follow(page, () => page.click('#refresh'));
  assert.match(await page.textContent('body'), /Used once/);

  await follow(page, () => page.click('#sign-out'));
  // The hint names the session, so the provider need not ask; where it asks, the person says yes.
  if (await page.locator(ids.logout).count()) await follow(page, () => page.click(ids.logout));
  assert.equal(await page.locator('#signed-out').count(), 1, page.url());
  await follow(page, () => page.click('#sign-in'));
  assert.equal(await page.locator(ids.password).count(), 1, 'the provider asks for the password again');
});

test("the README's first application works as it stands there", async () => {
  const port = await freePort();
  const command = README.match(/^\$ target\/release\/countersign (client create .*)$/m)[1].replaceAll('3000', `${port}`);
  await provider.command(command.match(/"[^"]*"|\S+/g).map((word) => word.replaceAll('"', '')));

  const code = README.match(/```js\n([\s\S]*?)```/)[1].replaceAll('3000', `${port}`).replaceAll('http://localhost:8080', provider.issuer);
  const file = join(dirname(fileURLToPath(import.meta.url)), 'readme-app.mjs');
  writeFileSync(file, code);
  const app = spawn(process.execPath, [file], { stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const page = await person(browser);
    await whenUp(`http://127.0.0.1:${port}/favicon.ico`);
    await page.goto(`http://127.0.0.1:${port}/`);
    await signIn(page, ada);
    if (await page.locator(ids.allow).count()) await follow(page, () => page.click(ids.allow));
    const claims = JSON.parse(await page.innerText('body'));
    assert.equal(claims.name, ada.name);
    assert.ok(claims.sub);

    await page.reload();
    assert.match(await page.innerText('body'), /^Not signed in: ./, 'a callback that is loaded again');
    const another = await person(browser);
    await another.goto(`http://127.0.0.1:${port}/`);
    await follow(another, () => another.click(ids.cancel));
    assert.match(await another.innerText('body'), /^Not signed in: ./, 'someone who cancels');
  } finally {
    app.kill();
    await once(app, 'exit');
    rmSync(file);
  }
});

test('a second start finds everything where it was', async () => {
  await provider.restart();
  assert.equal(setupLink(), undefined, 'no link once there is an administrator');
  const page = await person(browser);
  await signInToDemo(page);
  assert.equal(await page.innerText('#signed-in'), ada.name);
});

test('a port in use is one line that says what to do, and an exit code of its own', () => {
  let failure;
  try {
    execFileSync(provider.binary, [...provider.words, '--data-dir', join(provider.folder, 'other')], {
      ...provider.identity,
      cwd: provider.folder,
      stdio: 'pipe',
      timeout: 20_000,
    });
  } catch (error) {
    failure = error;
  }
  assert.equal(failure?.status, 10, 'docs/exit-codes.md: PortInUse');
  const said = failure.stderr.toString().trim();
  assert.equal(said.split('\n').length, 1, said);
  assert.match(said, /port \d+.*--(demo-)?port/);
});

function setupLink() {
  return provider.log.match(/http:\/\/localhost:\d+\/setup\S+/)?.[0];
}

async function signInToDemo(page) {
  await page.goto(`${provider.demo}/`);
  await follow(page, () => page.click('#sign-in'));
  await signIn(page, ada);
  if (await page.locator(ids.allow).count()) await follow(page, () => page.click(ids.allow));
  assert.equal(new URL(page.url()).origin, provider.demo);
}

// The screenshots, and no violation that axe-core finds.
async function lookAt(page, name) {
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 740 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html)}`);
      assert.deepEqual(found, [], `${name}, ${width} px, ${colorScheme}`);
    }
  }
}

async function whenUp(url) {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url, { redirect: 'manual' }).then(() => true, () => false)) return;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`${url} does not come up`);
}
