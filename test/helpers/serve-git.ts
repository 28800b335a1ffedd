import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Serves all repositories below a folder by git's own daemon. */
export async function serveGit(folder: string): Promise<{ readonly address: string; stop(): void }> {
  const port = await freePort();
  const words = ['--reuseaddr', '--export-all', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${folder}`];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'git', 'daemon', ...words, folder], {
    stdio: 'ignore',
    // A group of its own: git's daemon is a child of git.
    detached: true,
  });
  return {
    address: `git://127.0.0.1:${port}`,
    stop: () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? String(address?.port) : '';
}
