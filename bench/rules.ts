// `npm run bench:rules`: verdicts a second on one core, a fleet planned, and how much a web page would load.
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import {
  allBases,
  decide,
  hostIds,
  hostProfile,
  type HostProfile,
  type ImageTarget,
  targetOfBase,
} from '../src/rules/index.js';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
const today = '2026-11-23';
/** What is needed to judge images and to say why. */
const judgingExports = [
  'decide',
  'waysOut',
  'hostProfile',
  'hostIds',
  'readImage',
  'allBases',
  'resolveBase',
  'resolveIsolation',
  'refusalAtStart',
  'describeHost',
  'findRuleset',
  'utilityVmSize',
];

const verdicts = bestOf(5, () =>
  countVerdicts(
    realHosts(),
    allBases().map((base) => targetOfBase(base)),
    2000,
  ),
);
report(
  'verdicts',
  `${(verdicts.count / verdicts.cpuSeconds / 1e6).toFixed(2)} million a second of one core`,
  'goal: 1.00',
);

const fleet = bestOf(1, () => countVerdicts(fleetHosts(500), fleetImages(10_000), 1));
report(
  'fleet',
  `10,000 images on 500 hosts in ${fleet.cpuSeconds.toFixed(2)} s of one core (${fleet.wallSeconds.toFixed(2)} s by the clock)`,
  'goal: 10 s',
);

const judging = await minifiedSize(`export { ${judgingExports.join(', ')} } from './src/rules/index.js'`);
report('judging', describeSize(judging), 'goal: 60 kB');
const whole = await minifiedSize("export * from './src/rules/index.js'");
report('all', `${describeSize(whole)}, with the explained errors and the readers of JSON`, '');

interface Run {
  readonly count: number;
  /** Of this process: another program on the same core does not count. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

function countVerdicts(hosts: readonly HostProfile[], images: readonly ImageTarget[], rounds: number): number {
  let refused = 0;
  for (let round = 0; round < rounds; round += 1)
    for (const host of hosts)
      for (const image of images) if (decide({ host, image, today }).answer === 'refused') refused += 1;
  if (refused === 0) throw new Error('some images must be refused');
  return rounds * hosts.length * images.length;
}

function bestOf(times: number, run: () => number): Run {
  const runs = Array.from({ length: times }, () => {
    const [cpu, wall] = [process.cpuUsage(), performance.now()];
    const count = run();
    const { user, system } = process.cpuUsage(cpu);
    return { count, cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - wall) / 1000 };
  });
  return runs.reduce((best, candidate) => (candidate.cpuSeconds < best.cpuSeconds ? candidate : best));
}

function realHosts(): readonly HostProfile[] {
  return hostIds.filter((id) => id !== 'any').map((id) => hostProfile(id));
}

/** As many hosts as asked for, each of a release, with its own revision. */
function fleetHosts(count: number): readonly HostProfile[] {
  const hosts = realHosts();
  return Array.from({ length: count }, (_, index) => ({
    ...pick(hosts, index),
    id: `host-${String(index)}`,
    revision: 1 + index,
  }));
}

/** As many images as asked for, each on a base of the catalog, with its own revision. */
function fleetImages(count: number): readonly ImageTarget[] {
  const bases = allBases();
  return Array.from({ length: count }, (_, index) => {
    const base = pick(bases, index);
    return {
      ...targetOfBase(base, `registry.example/app-${String(index)}`),
      osVersion: { ...base.osVersion, revision: 1 + (index % 3000) },
    };
  });
}

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError('an empty list');
  return item;
}

interface Size {
  readonly bytes: number;
  readonly gzipped: number;
}

/** What a page would load that imports this, the data included. */
async function minifiedSize(contents: string): Promise<Size> {
  const stdin = { contents, resolveDir: repository, loader: 'ts' as const };
  const result = await build({ stdin, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error('esbuild wrote nothing');
  return { bytes: file.contents.length, gzipped: gzipSync(file.contents).length };
}

function describeSize({ bytes, gzipped }: Size): string {
  return `${(bytes / 1000).toFixed(1)} kB minified, ${(gzipped / 1000).toFixed(1)} kB gzipped`;
}

function report(name: string, result: string, goal: string): void {
  process.stdout.write(`${name.padEnd(10)}${result.padEnd(76)}${goal}\n`);
}
