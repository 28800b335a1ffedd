import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findRepository } from '../../src/platform/index.js';

/**
 * What a command printed, compared with the file test/fixtures/golden/NAME.txt after all that differs from run to run is replaced.
 * Answers what is wrong; empty when nothing is. WINDOWBOX_WRITE_GOLDEN=1 writes the file; look at the difference before it is committed.
 */
export async function compareGolden(name: string, printed: string): Promise<string> {
  const path = join(findRepository(), 'test/fixtures/golden', `${name}.txt`);
  const shown = steadyText(printed);
  if (process.env['WINDOWBOX_WRITE_GOLDEN'] === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, shown);
  }
  const expected = existsSync(path) ? await readFile(path, 'utf8') : '';
  if (shown === expected) return '';
  const [lines, wanted] = [shown.split('\n'), expected.split('\n')];
  const at = lines.findIndex((line, index) => line !== wanted[index]);
  return `not as in ${name}.txt, line ${String(at + 1)}: ${JSON.stringify(lines[at])} in place of ${JSON.stringify(wanted[at])}`;
}

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{64}\b/gu, '<id>'],
  [/\b[0-9a-f]{12}\b/gu, '<short id>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gu, '<uuid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/gu, '<time>'],
  [/Up (?:Less than a second|\d+ \w+|About a minute)/gu, 'Up <while>'],
  [/(?:Less than a second|\d+ \w+|About a minute) ago/gu, '<while> ago'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gu, '<mac>'],
  [/\b(?:10|172|192)(?:\.\d{1,3}){3}\b/gu, '<ip>'],
  [/\/[\w./-]*windowbox-(?:e2e|cli)-\w+/gu, '<folder>'],
  [/"IPPrefixLen": [1-9]\d*/gu, '"IPPrefixLen": <prefix>'],
  [/"Pid": \d+/gu, '"Pid": <pid>'],
  [/\b\d+(?:\.\d+)?(?:[kKMG]i?)?B\b/gu, '<size>'],
  [/\b\d+\.\d+%/gu, '<percent>'],
  // The clients' own way to ask for nothing.
  [/(?<="(?:BlkioDevice\w+|Ulimits)": )(?:null|\[\])/gu, '<none>'],
  [/(?<=exec_\w+: .*\n)/gu, ''],
  // Columns are as wide as their widest cell.
  [/ {2,}/gu, '  '],
];

function steadyText(text: string): string {
  // Built-in times stay: they say that something has not happened.
  return replacements.reduce(
    (rest, [pattern, by]) => rest.replaceAll(pattern, (found) => (found.startsWith('0001-') ? found : by)),
    text,
  );
}
