import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The arrows of ARCHITECTURE.md: what each part may import. A part that is missing here is an error. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  platform: ['errors'],
  oci: ['errors'],
  'docker-api': ['errors'],
  rules: ['errors', 'oci'],
  credentials: ['errors', 'platform', 'oci'],
  images: ['errors', 'platform', 'oci', 'credentials'],
  runtime: ['errors', 'oci'],
  'guest-link': ['errors', 'platform'],
  network: ['errors', 'platform'],
  'runtime-linux': ['errors', 'platform', 'runtime'],
  'runtime-process': ['errors', 'platform', 'oci', 'runtime', 'runtime-linux', 'guest-link'],
  'runtime-hyperv': ['errors', 'platform', 'oci', 'runtime', 'runtime-linux', 'guest-link'],
  engine: ['errors', 'platform', 'oci', 'rules', 'images', 'runtime', 'network'],
  builder: ['errors', 'platform', 'oci', 'rules'],
  setup: ['errors', 'platform', 'oci', 'rules', 'guest-link'],
  server: ['errors', 'platform', 'docker-api', 'type engine', 'type images', 'type builder', 'type rules'],
  daemon: ['*'],
  cli: ['errors', 'platform', 'credentials', 'docker-api', 'rules', 'setup'],
};
const neverByDaemon = new Set(['cli', 'dashboard']);
/** Parts that also run in a browser: nothing of Node's in them. */
const pure = ['errors', 'oci', 'docker-api', 'rules'];

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const sources = join(repository, 'src');

test('each part imports only what its arrows allow, through index.ts, and types only where it says so', () => {
  const wrong: string[] = [];
  for (const file of typescriptFiles(sources)) {
    const part = partOf(file);
    for (const { specifier, typeOnly } of importsOf(file)) {
      if (!specifier.startsWith('.')) continue;
      const target = resolve(dirname(file), specifier);
      const targetPart = partOf(target);
      if (targetPart === part) continue;
      const allowed = isAllowed({ part, targetPart, typeOnly });
      if (!allowed) wrong.push(`${relative(repository, file)}: ${part} may not import ${targetPart}`);
      if (!isFrontDoor(relative(sources, target)))
        wrong.push(`${relative(repository, file)}: imports "${specifier}" past index.js`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the pure parts import nothing of Node', () => {
  const wrong = pure.flatMap((part) =>
    typescriptFiles(join(sources, part))
      .filter((file) => !file.endsWith('.test.ts'))
      .filter((file) => importsOf(file).some(({ specifier }) => specifier.startsWith('node:')))
      .map((file) => relative(repository, file)),
  );
  assert.deepEqual(wrong, []);
});

test('each part is in the table, and its tsconfig references just what the table allows', () => {
  for (const part of readdirSync(sources)) {
    assert.ok(arrows[part], `src/${part} has no arrows`);
    const config: unknown = JSON.parse(readFileSync(join(sources, part, 'tsconfig.json'), 'utf8'));
    const references = (config as { references: { path: string }[] }).references.map(({ path }) => path.slice(3));
    for (const reference of references)
      assert.ok(
        isAllowed({ part, targetPart: reference, typeOnly: true }),
        `src/${part}/tsconfig.json references ${reference}`,
      );
  }
});

function isAllowed(edge: { part: string; targetPart: string; typeOnly: boolean }): boolean {
  const allowed = arrows[edge.part] ?? [];
  if (allowed.includes('*')) return !neverByDaemon.has(edge.targetPart);
  return allowed.includes(edge.targetPart) || (edge.typeOnly && allowed.includes(`type ${edge.targetPart}`));
}

/** A part's index, or a suite of tests that other parts run on their own code. */
function isFrontDoor(path: string): boolean {
  return /^[^/]+\/(?:index|[a-z-]+-suite)\.js$/u.test(path);
}

function partOf(path: string): string {
  return relative(sources, path).split('/')[0] ?? '';
}

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): { specifier: string; typeOnly: boolean }[] {
  const pattern = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gmu;
  return [...readFileSync(file, 'utf8').matchAll(pattern)].map((match) => ({
    specifier: match[2] ?? match[3] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}
