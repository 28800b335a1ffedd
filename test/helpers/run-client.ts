import { spawn, spawnSync } from 'node:child_process';

export interface ClientResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ClientOptions {
  readonly host: string;
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Added to the client's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a Docker client to its end; kills it after `timeoutMs`, which the exit code -1 tells. */
export async function runClient(file: string, args: readonly string[], options: ClientOptions): Promise<ClientResult> {
  const child = spawn(file, args, {
    env: {
      ...process.env,
      DOCKER_HOST: options.host,
      DOCKER_BUILDKIT: '0',
      DOCKER_CONFIG: '/nonexistent',
      TZ: 'UTC',
      ...options.env,
    },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 20_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, ...text });
    });
  });
}

/** Whether a program can be started here. Tests that need it say so aloud when it is missing. */
export function hasProgram(file: string): boolean {
  return spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** What a program says to `--version`; empty when it cannot be started here. */
export function versionOf(file: string): string {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout : '';
}
