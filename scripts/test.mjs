// `npm test`: everything, from a fresh clone: Node packages, then system packages and the runtime (as ./windowbox makes them), `npm run check`,
// and every test. Tests beside the source, and those of the API and of registries, run two files at a time; those that need the whole machine run
// one. A file has a limit of time. The last line counts the tests.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { fetchPrograms, installNodePackages, installPeers, repository, setUp, succeeds } from './prepare.mjs';

const started = Date.now();
const fileLimitMs = Number(process.env.WINDOWBOX_TEST_FILE_LIMIT_MS ?? 900_000);
// A real registry, a second program that reads what we push, Compose, a client in Python, and a second program that reads what a VM boots from.
const peers = ['docker-registry', 'skopeo', 'docker-compose', 'python3-docker', 'busybox-static'];
process.chdir(repository);

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];

prepare('Node packages', installNodePackages);
prepare('check', () => succeeds('node', ['scripts/check.mjs']));
prepare('runtime', setUp);
prepare('programs to run', fetchPrograms);
prepare('programs to test against', () => installPeers(peers));
await runFiles(testFiles('src'), 2);
await runFiles(['test/api', 'test/registry', 'test/repo'].flatMap(testFiles), 2);
await runFiles(['test/builder', 'test/e2e', 'test/guest'].flatMap(testFiles), 1);

for (const skip of skips) console.log(`SKIPPED ${skip}`);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${Math.round((Date.now() - started) / 1000)} s`);
const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exit(counts.failed === 0 ? 0 : 1);

/** A step without which the tests mean little counts as one test. */
function prepare(name, step) {
  const begin = Date.now();
  const isOk = step();
  console.log(`${isOk ? 'ok    ' : 'FAILED'} ${name} (${seconds(Date.now() - begin)})`);
  if (isOk) return;
  counts.failed += 1;
  failures.push(name);
}

/** Compiled tests, without those whose source has gone. */
function testFiles(folder) {
  const names = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  return names
    .map((name) => join(process.cwd(), 'dist', folder, name.replace(/\.ts$/, '.js')))
    .filter((file) => existsSync(file));
}

async function runFiles(files, concurrency) {
  const begin = Date.now();
  const broken = new Set();
  const took = new Map();
  const stream = run({ files, concurrency, timeout: fileLimitMs });
  for await (const { type, data } of stream) {
    if (type === 'test:stdout' || type === 'test:stderr') continue;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details.type === 'suite') continue;
    const file = relative(join(process.cwd(), 'dist'), data.file ?? '').replace(/\.js$/, '');
    // A file that ends badly is itself reported as a test, by its path.
    const isFile = data.nesting === 0 && data.file === data.name;
    if (isFile && type === 'test:pass') continue;
    if (data.nesting === 0) took.set(file, (took.get(file) ?? 0) + data.details.duration_ms);
    if (data.skip !== undefined) {
      counts.skipped += 1;
      skips.push(`${file}: ${data.name}${typeof data.skip === 'string' ? `: ${data.skip}` : ''}`);
    } else if (type === 'test:pass') counts.passed += 1;
    else if (!isSubtestFailure(data)) {
      counts.failed += 1;
      broken.add(file);
      failures.push(`${file}: ${isFile ? 'the file' : data.name}`);
      console.log(`FAILED ${file}: ${data.name}\n${indent(describe(data.details.error))}`);
    }
  }
  const slowest = [...took].sort(([, one], [, other]) => other - one).slice(0, 6);
  console.log(`longest: ${slowest.map(([file, time]) => `${file} ${seconds(time)}`).join(', ')}`);
  console.log(`${files.length} files, ${broken.size} with failures (${seconds(Date.now() - begin)})`);
}

/** A parent whose only failure is that a child failed says nothing new. */
function isSubtestFailure(data) {
  return data.details.error?.failureType === 'subtestsFailed';
}

function describe(error) {
  const cause = error?.cause ?? error;
  return cause?.stack ?? String(cause?.message ?? cause);
}

function indent(text) {
  return text
    .split('\n')
    .slice(0, 40)
    .map((line) => `    ${line}`)
    .join('\n');
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
