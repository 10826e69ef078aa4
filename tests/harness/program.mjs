// A program of an outside client's: started, waited for, and stopped by its process id. What it logs is kept.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

const START_SECONDS = 30;
const STOP_SECONDS = 10;

export class Program {
  /** Starts it. `options` are node's for a child process; `env` is all that it sees beside PATH. */
  constructor(command, words, { env = {}, ...options } = {}) {
    this.name = command;
    this.log = '';
    this.child = spawn(command, words, { ...options, env: { PATH: process.env.PATH, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.on('error', (error) => (this.log += error));
    this.child.stdout.on('data', (chunk) => (this.log += chunk));
    this.child.stderr.on('data', (chunk) => (this.log += chunk));
    process.on('exit', () => this.child.kill('SIGKILL'));
  }

  /** Waits until an address responds, whatever it responds. */
  async responds(url) {
    await this.waitFor(`a response from ${url}`, () => fetch(url, { redirect: 'manual' }).catch(() => undefined));
    return this;
  }

  /** Waits until its log has something, and returns the match. */
  says(pattern) {
    return this.waitFor(`${pattern} in its log`, () => this.log.match(pattern));
  }

  async waitFor(what, look) {
    for (const until = Date.now() + START_SECONDS * 1000; Date.now() < until; ) {
      const found = await look();
      if (found) return found;
      if (this.ended) break;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error(`${this.name}: no ${what} (exit code ${this.child.exitCode}):\n${this.log}`);
  }

  /** Waits until it ends by itself, and returns its exit code. */
  async end() {
    await this.waitFor('end', () => this.ended);
    return this.child.exitCode;
  }

  async stop() {
    if (this.ended) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_SECONDS * 1000);
    await ended;
    clearTimeout(timer);
  }

  get ended() {
    return this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined;
  }
}
