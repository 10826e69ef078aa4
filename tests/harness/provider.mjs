// The real `countersign` binary on a free loopback port, with a data folder of its own, steered by its command line alone.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, copyFileSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const BINARY = resolve(process.env.COUNTERSIGN_BIN ?? 'target/debug/countersign');
const START_SECONDS = 30;
const STOP_SECONDS = 15;

export class Provider {
  /**
   * `countersign serve`, ready. `settings` are further lines of the TOML configuration; `issuer` is its public address, if a
   * proxy stands before it.
   */
  static async start(settings = '', issuer = undefined) {
    const provider = new Provider();
    const port = await freePort();
    const config = join(provider.folder, 'countersign.toml');
    provider.address = `http://127.0.0.1:${port}`;
    provider.issuer = issuer ?? `http://localhost:${port}`;
    writeFileSync(
      config,
      `issuer = "${provider.issuer}"\nlisten = "127.0.0.1:${port}"\ndata_dir = "${join(provider.folder, 'data')}"\n${settings}`,
    );
    provider.place = ['--config', config];
    provider.words = ['serve', ...provider.place];
    await provider.#launch();
    return provider;
  }

  /** `countersign quickstart`, ready, in a folder that holds nothing; `demo` is the demo application's address. */
  static async quickstart() {
    const provider = new Provider();
    const [port, demoPort] = [await freePort(), await freePort()];
    provider.issuer = `http://localhost:${port}`;
    provider.address = `http://127.0.0.1:${port}`;
    provider.demo = `http://127.0.0.1:${demoPort}`;
    provider.place = [];
    provider.words = ['quickstart', '--port', `${port}`, '--demo-port', `${demoPort}`];
    await provider.#launch();
    return provider;
  }

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'countersign-'));
    this.binary = BINARY;
    this.identity = {};
    if (process.getuid() === 0) this.#dropPrivileges();
  }

  /** Stops and starts it in the same folder. */
  async restart() {
    await this.#end();
    await this.#launch();
  }

  /** Asks the server to stop, as an init system does, and answers its exit code; fails if it logged an error of its own. */
  async stop() {
    await this.#end();
    const errors = this.log.split('\n').filter((line) => / ERROR |panicked/.test(line));
    if (errors.length > 0) throw new Error(`the server logged errors:\n${errors.join('\n')}`);
    rmSync(this.folder, { recursive: true, force: true });
    return this.child.exitCode;
  }

  /** A person who can sign in; `claims` by their OpenID Connect names (OpenID Connect Core, section 5.1). */
  async createUser({ username, password, email, name }) {
    await this.command(
      ['user', 'create', '--username', username, '--email', email, '--name', name, '--password-stdin'],
      password + '\n',
    );
  }

  /** Registers a client from RFC 7591 metadata and answers the registration response. */
  async createClient(metadata) {
    return JSON.parse(await this.command(['client', 'create', '--metadata', '-', '--json'], JSON.stringify(metadata)));
  }

  /** Runs `countersign WORDS` beside the running server, in its place, and answers its standard output. */
  command(words, input = '') {
    return new Promise((done, failed) => {
      const child = execFile(this.binary, [...words, ...this.place], this.#options(), (error, stdout, stderr) => {
        if (error) failed(new Error(`countersign ${words.join(' ')}: ${error.code}\n${stderr}${stdout}`));
        else done(stdout);
      });
      child.stdin.end(input);
    });
  }

  // Nothing of ours needs root, so it runs as nobody, from a copy of the binary that nobody can reach.
  #dropPrivileges() {
    const nobody = 65534;
    this.identity = { uid: nobody, gid: nobody };
    this.binary = join(this.folder, 'countersign');
    copyFileSync(BINARY, this.binary, constants.COPYFILE_FICLONE);
    chownSync(this.folder, nobody, nobody);
  }

  // A clean environment: a COUNTERSIGN_* or DATABASE_URL of the caller's must not reach the server.
  #options() {
    return { ...this.identity, cwd: this.folder, env: { PATH: process.env.PATH, HOME: this.folder } };
  }

  async #launch() {
    this.log = '';
    const child = spawn(this.binary, this.words, { ...this.#options(), stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => (this.log += chunk));
    child.stderr.on('data', (chunk) => (this.log += chunk));
    process.on('exit', () => child.kill('SIGKILL'));
    this.child = child;
    await this.#ready();
  }

  async #end() {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_SECONDS * 1000);
    await once(this.child, 'exit');
    clearTimeout(timer);
  }

  async #ready() {
    for (const until = Date.now() + START_SECONDS * 1000; Date.now() < until; ) {
      if (this.child.exitCode !== null) break;
      const answer = await fetch(`${this.address}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    throw new Error(`the server did not become ready (exit code ${this.child.exitCode}):\n${this.log}`);
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
