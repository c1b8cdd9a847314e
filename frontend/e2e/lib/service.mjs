// Starts the built program as an operator would, on a free port and in a
// temporary folder, and stops it again.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, openSync, closeSync, existsSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.mjs';

const binary = process.env.HIENKE_BIN ?? fileURLToPath(new URL('../../../bin/hienke', import.meta.url));

/** Password of all staff in these tests. */
export const password = 'mat-khau-thu-nghiem-1';

/** People of the demo; officer and approver belong to the same ministry. */
export const staff = {
  coordinator: 'coordinator@demo.test',
  officer: 'officer@demo.test',
  approver: 'approver@demo.test',
  administrator: 'admin@demo.test',
  stranger: 'officer.giaoduc@demo.test', // of another ministry
};

// Start takes 2 s alone, and has needed 10 s beside another test on two cores.
const startTimeout = 60_000;
// Longer than the program itself waits for requests under way.
const stopTimeout = 20_000;

// Everything that runs, so that nothing outlives this process.
const running = new Set();
process.on('exit', killAll);

/** Ends every program that still runs, at once. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** The environment of the program: nothing of ours but what a test gives it. */
function environment(env) {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    PATH, HOME, ...(TMPDIR && { TMPDIR }),
    HIENKE_DEMO_PASSWORD: password, HIENKE_RATE_LIMITS: 'off', HIENKE_LOG_FORMAT: 'json', ...env,
  };
}

/** Makes a temporary folder; remove takes it away. */
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'hienke-e2e-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** One running program. */
export class Service {
  /** Where the pages are, as http://host:port. */
  url;
  #child;
  #logFile;

  /**
   * Starts the program with a command line and waits until it is ready.
   * folder takes its data and its log; name tells it from others in there.
   * port is one that is free; without it the program finds one.
   */
  static async start({ folder, name = 'serve', args = ['serve', '--demo'], env = {}, port = 0 }) {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: make build`);
    const service = new Service();
    service.#logFile = path.join(folder, `${name}.log`);
    const log = openSync(service.#logFile, 'w');
    const listens = !args.includes('worker');
    const child = spawn(
      binary,
      ['--data', path.join(folder, name), ...args, ...(listens ? ['--listen', `127.0.0.1:${port}`] : [])],
      { env: environment(env), stdio: ['ignore', log, log] },
    );
    closeSync(log);
    service.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    const address = await until(() => {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${service.log()}`);
      const ready = service.events().some((e) => e.msg === 'ready');
      return ready && (service.events().find((e) => e.msg === 'listening')?.address ?? 'none');
    }, `${name} is ready`, startTimeout).catch((failure) => {
      child.kill('SIGKILL');
      throw failure;
    });
    service.url = `http://${address}`;
    return service;
  }

  /** Everything that the program wrote. */
  log() {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** The structured events of the log, the oldest first. */
  events() {
    return this.log().split('\n').filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line));
  }

  /** What the program logged as its own failure: an answer of 500 among it. */
  failures() {
    const failed = this.events().filter((e) => e.level === 'ERROR').map((e) => JSON.stringify(e));
    return /^panic:|DATA RACE/m.test(this.log()) ? [...failed, 'panic in the log'] : failed;
  }

  /** Asks the program to stop and fails when it does not stop well. */
  async stop() {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout);
      await gone;
      clearTimeout(timer);
    }
    if (child.exitCode !== 0) throw new Error(`the service stopped with ${child.exitCode ?? child.signalCode}:\n${this.log().slice(-4000)}`);
  }
}

/** Runs a command of the program to its end and returns what it printed. */
export async function command({ args, env = {}, input = '' }) {
  const child = spawn(binary, args, { env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  let out = '';
  child.stdout.on('data', (part) => { out += part; });
  child.stderr.on('data', (part) => { out += part; });
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  running.delete(child);
  if (code !== 0) throw new Error(`hienke ${args.join(' ')} ended with ${code}:\n${out}`);
  return out;
}
