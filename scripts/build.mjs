// `npm run build`: few files a program, so that a start reads two files instead of two hundred. Types are checked by `npm run check`.
import { build } from 'esbuild';
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  // Half as much for V8 to read at each start. Names stay: a stack trace without a map is read too.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
  external: ['libsql'],
};

// Built aside and put in place whole: a start meanwhile finds the old build or the new one. The stamp has the time of the
// beginning, so that a source changed meanwhile is newer.
const begin = new Date();
const out = 'dist/bin.next';
for (const left of [out, `${out}.old`]) rmSync(left, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await Promise.all([
  buildCli('src/cli/main.ts'),
  buildDaemon('src/daemon/main.ts'),
  buildThread('src/platform/file-worker.ts'),
]);
writeFileSync(`${out}/package.json`, '{"type":"commonjs"}\n');
writeFileSync(`${out}/.built`, '');
utimesSync(`${out}/.built`, begin, begin);
if (existsSync('dist/bin')) renameSync('dist/bin', `${out}.old`);
renameSync(out, 'dist/bin');
rmSync(`${out}.old`, { recursive: true, force: true });

/**
 * The command line, made for its start (docs/decisions/0060-own-client.md): CommonJS, since Node's loader of modules costs more than all our
 * code, and each `import()` a file that stands alone, so that a command is two files: cli.js and its own.
 */
async function buildCli(main) {
  const built = new Set();
  let next = [resolve(main)];
  while (next.length > 0) {
    const found = new Set();
    for (const entry of next) built.add(entry);
    await build({
      ...common,
      entryPoints: Object.fromEntries(next.map((entry) => [cliName(entry), entry])),
      outdir: out,
      format: 'cjs',
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': '__moduleUrl' },
      banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
      plugins: [{ name: 'lazy-files', setup: (plugin) => keepLazy(plugin, found) }],
    });
    next = [...found].filter((entry) => !built.has(entry));
  }
}

function keepLazy(plugin, found) {
  plugin.onResolve({ filter: /^\.\.?\// }, ({ kind, path, importer }) => {
    if (kind !== 'dynamic-import') return undefined;
    const target = resolve(dirname(importer), path.replace(/\.js$/, '.ts'));
    found.add(target);
    return { path: `./${cliName(target)}.js`, external: true };
  });
}

function cliName(entry) {
  const name = relative('src', entry).replace(/\.ts$/, '').replaceAll('/', '-');
  return name === 'cli-main' ? 'cli' : name;
}

async function buildDaemon(main) {
  await build({
    ...common,
    entryPoints: { daemon: main },
    outdir: out,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
}

/** A thread's program, beside whatever starts it. */
async function buildThread(main) {
  await build({ ...common, entryPoints: { 'file-worker': main }, outdir: out, format: 'cjs' });
}
