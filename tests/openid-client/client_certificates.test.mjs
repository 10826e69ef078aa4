// Clients of npm's openid-client that authenticate by a certificate (RFC 8705), and pages over TLS: Chromium and the client reach
// the provider through nginx, which asks for a certificate and passes it on, as docs/reverse-proxy.md describes.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import * as jose from 'jose';
import * as oidc from 'openid-client';
import { authorize, launch, person } from '../harness/browser.mjs';
import { Authority } from '../harness/certificates.mjs';
import { alice } from '../harness/people.mjs';
import { Program } from '../harness/program.mjs';
import { freePort, Provider } from '../harness/provider.mjs';
import { RelyingParty } from '../harness/relying_party.mjs';

let authority, nginx, folder, provider, relyingParty, browser, issuer;
/** Certificates of the authority that nginx trusts, and of another one. */
let trusted, other, untrusted, otherAuthority;

before(async () => {
  [authority, otherAuthority] = [new Authority(), new Authority()];
  [trusted, other, untrusted] = [authority.issue('client.example'), authority.issue('other.example'), otherAuthority.issue('client.example')];
  const port = await freePort();
  issuer = `https://localhost:${port}`;
  provider = await Provider.start(
    `http.trusted_proxies = ["127.0.0.1"]\nclient_certificates.header = "X-Client-Cert"\nclient_certificates.verified_header = "X-Client-Verify"\n`,
    issuer,
  );
  await provider.createUser(alice);
  folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'));
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, authority.issue('localhost')));
  nginx = new Program('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  await nginx.waitFor('answer over TLS', () => fetchWith()(`${issuer}/healthz`, {}).catch(() => undefined));
  relyingParty = await RelyingParty.start();
  browser = await launch();
});

beforeEach(() => relyingParty.forget());

after(async () => {
  await browser?.close();
  relyingParty?.stop();
  await nginx?.stop();
  for (const each of [authority, otherAuthority]) each?.remove();
  if (folder) rmSync(folder, { recursive: true, force: true });
  assert.equal(await provider?.stop(), 0, provider?.log);
});

function configuration(port, { keyPath, certPath }) {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certPath};
    ssl_certificate_key ${keyPath};
    ssl_verify_client optional_no_ca;
    ssl_client_certificate ${authority.path};
    location / {
      proxy_pass ${provider.address};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Client-Cert $ssl_client_escaped_cert;
      proxy_set_header X-Client-Verify $ssl_client_verify;
      proxy_buffer_size 16k;
      proxy_buffers 8 16k;
    }
  }
}`;
}

/** A fetch that trusts the authority and, if it has one, shows a certificate. */
function fetchWith({ cert, key } = {}) {
  const agent = new Agent({ ca: authority.cert, cert, key });
  return (url, { method = 'GET', headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, headers: Object.fromEntries(new Headers(headers)), agent }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode, headers: answer.headers })));
      });
      sent.on('error', reject);
      sent.end(body?.toString());
    });
}

async function register(metadata) {
  const registration = await provider.createClient({
    client_name: 'Certified',
    redirect_uris: [relyingParty.callback],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: 'openid email offline_access',
    ...metadata,
  });
  return (certificate) =>
    oidc.discovery(new URL(issuer), registration.client_id, registration, oidc.TlsClientAuth(), { [oidc.customFetch]: fetchWith(certificate) });
}

/** DER in base64, as `x5c` has it. */
function encoded(certificate) {
  return certificate.cert.toString().replace(/-----[^-]+-----|\s/g, '');
}

async function selfSigned() {
  const { kty, crv, x, y } = await jose.exportJWK(await jose.importX509(untrusted.cert.toString(), 'ES256'));
  return { keys: [{ kty, crv, x, y, x5c: [encoded(untrusted)] }] };
}

for (const [method, metadata, own] of [
  ['tls_client_auth', async () => ({ tls_client_auth_san_dns: 'client.example' }), () => trusted],
  ['self_signed_tls_client_auth', async () => ({ jwks: await selfSigned() }), () => untrusted],
]) {
  test(`${method}: signs in through pages over TLS, refreshes, and gets a token of its own; without its certificate it gets none`, async () => {
    const discover = await register({ token_endpoint_auth_method: method, ...(await metadata()) });
    const config = await discover(own());
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: relyingParty.callback, scope: 'openid email offline_access', prompt: 'consent', state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    });
    const page = await person(browser, { ignoreHTTPSErrors: true });
    assert.deepEqual(await authorize(page, url, alice, relyingParty), ['login', 'consent']);
    const callback = new URL((await relyingParty.arrival()).url);
    const tokens = await oidc.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true });
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, alice.email);
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(refreshed.claims().iss, issuer);
    assert.ok((await oidc.clientCredentialsGrant(config)).access_token);

    for (const wrong of [undefined, other, own() === trusted ? untrusted : trusted]) {
      await assert.rejects(oidc.clientCredentialsGrant(await discover(wrong)), (error) => error.status === 401);
    }
  });
}
