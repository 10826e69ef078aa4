// A relying party's web side: an HTTP server at 127.0.0.1 (another host name than the provider's, so that cookies don't
// mix) that remembers what the browser brought to its callback. The protocol is openid-client's.

import { once } from 'node:events';
import { createServer } from 'node:http';

const WAIT_SECONDS = 10;

export class RelyingParty {
  static async start() {
    const party = new RelyingParty();
    party.arrivals = [];
    /** Where the callback redirects on to; undefined shows a page. */
    party.onward = undefined;
    party.server = createServer((request, response) => party.#serve(request, response)).listen(0, '127.0.0.1');
    await once(party.server, 'listening');
    party.origin = `http://127.0.0.1:${party.server.address().port}`;
    party.callback = `${party.origin}/callback`;
    party.signedOut = `${party.origin}/signed-out`;
    return party;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Forgets who came and was not asked for, so that one test's failure doesn't reach the next. */
  forget() {
    this.arrivals = [];
  }

  /** The next request to a path, as a fetch `Request`; each is handed out once. */
  async arrival(path = '/callback') {
    for (const until = Date.now() + WAIT_SECONDS * 1000; Date.now() < until; ) {
      const index = this.arrivals.findIndex((request) => new URL(request.url).pathname === path);
      if (index >= 0) return this.arrivals.splice(index, 1)[0];
      await new Promise((wake) => setTimeout(wake, 20));
    }
    throw new Error(`no request to ${path} within ${WAIT_SECONDS} s`);
  }

  #serve(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url, this.origin);
      if (url.pathname !== '/favicon.ico') {
        const body = Buffer.concat(chunks);
        this.arrivals.push(
          new Request(url, {
            method: request.method,
            headers: request.headers['content-type'] ? { 'content-type': request.headers['content-type'] } : {},
            body: body.length > 0 ? body : undefined,
          }),
        );
      }
      if (url.pathname === '/callback' && this.onward) {
        response.writeHead(302, { location: this.onward }).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<!doctype html><html lang="en"><title>The application</title><h1>The application</h1>');
    });
  }
}
