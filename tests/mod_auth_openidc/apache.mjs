// Debian's Apache with mod_auth_openidc, unprivileged, in a folder of its own: two virtual hosts, each with a protected page.

import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../harness/program.mjs';

const MODULES = process.env.APACHE_MODULES;
const NOBODY = 65534;

export class Apache {
  /** `hosts` are `{ port, directives }`. */
  static async start(hosts) {
    const apache = new Apache();
    apache.folder = mkdtempSync(join(tmpdir(), 'countersign-apache-'));
    apache.#write('httpd.conf', configuration(apache.folder, hosts));
    mkdirSync(join(apache.folder, 'pages', 'protected'), { recursive: true });
    mkdirSync(join(apache.folder, 'pages', 'api'), { recursive: true });
    apache.#write('pages/protected/index.html', '<h1>The protected page</h1>');
    apache.#write('pages/api/index.html', 'orders');
    apache.#write('pages/signed-out.html', '<h1>Signed out</h1>');
    const asNobody = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (asNobody.uid) chownSync(apache.folder, NOBODY, NOBODY);
    apache.program = new Program('apache2', ['-D', 'FOREGROUND', '-f', join(apache.folder, 'httpd.conf')], {
      ...asNobody,
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
    });
    try {
      for (const { port } of hosts) await apache.program.responds(`http://127.0.0.1:${port}/signed-out.html`);
    } catch (error) {
      error.message += apache.log;
      throw error;
    }
    return apache;
  }

  get log() {
    try {
      return readFileSync(join(this.folder, 'error.log'), 'utf8');
    } catch {
      return '';
    }
  }

  async stop() {
    await this.program.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(name, text) {
    writeFileSync(join(this.folder, name), text);
  }
}

function configuration(folder, hosts) {
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_openidc', 'dir', 'mime', 'headers'];
  return `
ServerRoot ${folder}
ServerName 127.0.0.1
DefaultRuntimeDir ${folder}
PidFile ${folder}/httpd.pid
Mutex file:${folder}
ErrorLog ${folder}/error.log
LogLevel notice auth_openidc:info
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
TypesConfig /etc/mime.types
StartServers 1
${hosts.map(({ port }) => `Listen 127.0.0.1:${port}`).join('\n')}
${hosts.map(host).join('\n')}
`;

  function host({ port, directives }) {
    return `
<VirtualHost 127.0.0.1:${port}>
  DocumentRoot ${folder}/pages
  DirectoryIndex index.html
  OIDCRedirectURI http://127.0.0.1:${port}/protected/callback
  OIDCCryptoPassphrase ${crypto.randomUUID()}
  OIDCDefaultURL http://127.0.0.1:${port}/protected/
  OIDCDefaultLoggedOutURL http://127.0.0.1:${port}/signed-out.html
${directives.replace(/^/gm, '  ')}
  <Location /protected>
    AuthType openid-connect
    Require valid-user
    Header set Cache-Control no-store
    # So that the test sees what Apache passes on to an application.
    Header set X-User "expr=%{REMOTE_USER}"
    Header set X-Email "%{OIDC_CLAIM_email}e"
    Header set X-Name "%{OIDC_CLAIM_name}e"
  </Location>
  <Location /api>
    AuthType oauth20
    Require claim scope~(^|.*\\s)orders(\\s.*|$)
  </Location>
</VirtualHost>`;
  }
}
