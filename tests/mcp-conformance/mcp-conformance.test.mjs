// MCP's conformance suite as a judge of our authorization server: its metadata, and a code grant through the pages.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { authorize, follow, ids, launch, person } from '../harness/browser.mjs';
import { alice } from '../harness/people.mjs';
import { Program } from '../harness/program.mjs';
import { freePort, Provider } from '../harness/provider.mjs';

const SUITE = fileURLToPath(new URL('../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url));
const RESOURCE = 'https://mcp.example/mcp';

let provider, browser;

before(async () => {
  provider = await Provider.start(`client_documents.enabled = true\n[resources."${RESOURCE}"]\nscopes = ["tools"]\n`);
  await provider.createUser(alice);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await provider?.stop(), 0, provider?.log);
});

/** Runs the suite, with a person at the address that it prints, and returns its exit code, its words and its checks by id. */
async function judge(words, metadata, act = authorize) {
  const port = await freePort();
  const relyingParty = { origin: `http://127.0.0.1:${port}` };
  const folder = mkdtempSync(join(tmpdir(), 'countersign-conformance-'));
  const { client_id } = await provider.createClient({
    client_name: 'Conformance suite',
    redirect_uris: [`${relyingParty.origin}/callback`],
    // What the suite uses with every server that supports it.
    token_endpoint_auth_method: 'none',
    ...metadata,
  });
  const suite = new Program(process.execPath, [SUITE, 'authorization', '--url', provider.issuer, '--client-id', client_id, '-p', `${port}`, '-o', folder, ...words]);
  try {
    const [url] = await suite.says(/^http:\/\/localhost.*\/authorize\?.*$/m);
    await act(await person(browser), new URL(url), alice, relyingParty);
    const exitCode = await suite.end();
    return { exitCode, log: suite.log, checks: readChecks(folder) };
  } finally {
    await suite.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readChecks(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('checks.json'));
  const checks = files.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  return Object.fromEntries(checks.map(({ id, status, errorMessage }) => [id, errorMessage ? `${status}: ${errorMessage}` : status]));
}

const PASSED = {
  'authorization-server-metadata': 'SUCCESS',
  'authorization-server-metadata-cimd': 'SUCCESS',
  'authorization-code-grant': 'SUCCESS',
};

// The suite asks for no scope. Then a resource's own are meant, or what the client has as a default.
for (const [how, words, metadata] of [
  ['without a resource', [], { default_scope: 'openid' }],
  ['for a resource', ['--resource', RESOURCE], {}],
]) {
  test(`every check passes ${how}`, async () => {
    const { exitCode, log, checks } = await judge(words, metadata);
    assert.deepEqual(checks, PASSED, log);
    assert.equal(exitCode, 0, log);
  });
}

test('it sees that the person cancels', async () => {
  const cancel = async (page, url) => {
    await page.goto(url.href);
    await follow(page, () => page.click(ids.cancel));
  };
  const { exitCode, checks } = await judge([], { default_scope: 'openid' }, cancel);
  assert.match(checks['authorization-code-grant'], /^FAILURE: Authorization error: access_denied/);
  assert.notEqual(exitCode, 0);
});
