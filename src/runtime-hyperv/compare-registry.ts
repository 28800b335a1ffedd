import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** Far more than any program writes; a longer file is not read, and counts as different. */
const longestFile = 64 * 1024 * 1024;

/**
 * Whether two of Wine's registry files hold the same, but for what each start writes anew: the computer's name, the processors, and
 * Wine's own fonts by another spelling of their place. A program wrote `own`: what cannot be read as one counts as different.
 */
export async function isSameRegistry(base: string, own: string): Promise<boolean> {
  // Whatever else a guest put in its place.
  const found = await lstat(own);
  if (!found.isFile() || found.size > longestFile) return false;
  const [known, written] = [await readKeys(base), await readKeys(own)];
  if (known.size !== written.size) return false;
  for (const [key, lines] of known) {
    const others = written.get(key);
    if (others === undefined || others.length !== lines.length) return false;
    lines.sort();
    others.sort();
    if (lines.some((line, index) => line !== others[index])) return false;
  }
  return true;
}

/** Key lines without their time, and the lines below each. */
async function readKeys(path: string): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>();
  let lines: string[] = [];
  let key = '';
  for await (const line of createInterface({ input: createReadStream(path, 'latin1'), crlfDelay: Infinity })) {
    if (line.startsWith('[')) {
      key = line.replace(/\] \d+$/u, ']');
      lines = keys.get(key) ?? [];
      keys.set(key, lines);
    } else if (line !== '' && !line.startsWith('#time=') && !isWrittenAtStart(key, line)) {
      lines.push(line.replace(unixPath, '"Z:\\\\'));
    }
  }
  return keys;
}

const unixPath = '"\\\\??\\\\unix\\\\';

const writtenAtStart: ReadonlyMap<string, RegExp> = new Map([
  [String.raw`[System\\ControlSet001\\Control\\ComputerName\\ComputerName]`, /^"ComputerName"=/u],
  [
    String.raw`[System\\ControlSet001\\Control\\Session Manager\\Environment]`,
    /^"(?:NUMBER_OF_PROCESSORS|PROCESSOR_\w+)"=/u,
  ],
  [String.raw`[System\\ControlSet001\\Services\\Tcpip\\Parameters]`, /^"(?:NV )?Hostname"=/u],
]);

function isWrittenAtStart(key: string, line: string): boolean {
  return writtenAtStart.get(key)?.test(line) ?? false;
}
