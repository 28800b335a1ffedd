import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { print } from './print.js';

/**
 * Asks for one line at the terminal; an answer that is hidden is not shown while it is typed. Ctrl-C ends the process as the
 * signal would. Standard input must be a terminal.
 */
export async function askLine(prompt: string, options: { readonly hidden?: boolean } = {}): Promise<string> {
  const { hidden = false } = options;
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stdout;
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  // Only now does the terminal show nothing of itself.
  if (hidden) print(prompt);
  const answer = await new Promise<string>((resolve) => {
    lines.on('close', () => resolve(''));
    lines.on('SIGINT', () => {
      lines.close();
      process.kill(process.pid, 'SIGINT');
    });
    lines.question(hidden ? '' : prompt, resolve);
  });
  lines.close();
  if (hidden) print('\n');
  return answer;
}
