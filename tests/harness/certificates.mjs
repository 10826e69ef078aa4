// A certificate authority of a test's own, by openssl, in a folder of its own.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Authority {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'countersign-authority-'));
    // The server reads the certificate, and may run as another user.
    chmodSync(this.folder, 0o755);
    const folder = this.folder;
    this.path = join(folder, 'authority.pem');
    this.#openssl('req', '-x509', ...NEW_KEY, '-keyout', join(folder, 'authority-key.pem'), '-out', this.path, '-days', '1',
      '-subj', '/CN=Test authority', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
    this.cert = readFileSync(this.path);
  }

  /** A certificate with this common name, and this name as a DNS name: the paths of both files, and their contents. */
  issue(name) {
    const [keyPath, certPath, request, extensions] = ['key.pem', 'cert.pem', 'csr.pem', 'ext.cnf'].map((file) => join(this.folder, `${name}-${file}`));
    this.#openssl('req', ...NEW_KEY, '-keyout', keyPath, '-out', request, '-subj', `/CN=${name}`);
    writeFileSync(extensions, `subjectAltName=DNS:${name}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    this.#openssl('x509', '-req', '-in', request, '-CA', this.path, '-CAkey', join(this.folder, 'authority-key.pem'), '-CAcreateserial',
      '-days', '1', '-extfile', extensions, '-out', certPath);
    return { keyPath, certPath, key: readFileSync(keyPath), cert: readFileSync(certPath) };
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #openssl(...words) {
    execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
