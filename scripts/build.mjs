// `npm run build`: one file a program, so that a start reads two files instead of two hundred. Types are checked by `npm run check`.
import { build } from 'esbuild';
import { writeFileSync } from 'node:fs';

await build({
  entryPoints: { cli: 'src/cli/main.ts', daemon: 'src/daemon/main.ts' },
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  chunkNames: 'chunk-[hash]',
  sourcemap: 'linked',
  external: ['libsql'],
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
writeFileSync('dist/bin/package.json', '{"type":"module"}\n');
writeFileSync('dist/bin/.built', '');
