// Import of a layer with many files against `tar -xzf` of the same, and a pull from a local registry against `skopeo copy` and `tar`.
// `npm run bench:images -- [MEGABYTES]`, as root. Prints times and ratios of one run, the better of two turns each.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importLayer } from '../src/images/layers/import-layer.js';
import { unpackFile } from '../src/images/layers/unpack-file.js';
import { wholeFile } from '../src/images/packed-file.js';
import { type ImageStore, openImageStore } from '../src/images/index.js';
import { runCommand, tarEnd, tarHeader, tarPadding } from '../src/platform/index.js';

const prefix = 'windowbox-bench-images-';
const megabytes = Number(process.argv[2] ?? '500');
removeLeft();
const folder = mkdtempSync(join(tmpdir(), `${prefix}${String(process.pid)}-`));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    process.exit(1);
  });
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
const tar = join(folder, 'layer.tar.gz');
const bases = { find: () => undefined, ensure: async () => ({ lower: [base] }) };
const timeoutMs = 600_000;

await writeLayer();
const count = `${String(megabytes)} MB, ${String(Math.round(megabytes * 50))} files`;
const { ours, theirs } = await inTurns({ ours: importOnce, theirs: untarOnce });
report(`import of a layer (${count})`, ours, { name: 'tar -xzf', cost: theirs });
reportMemory('import');
await benchPull();

async function untarOnce(turn: string): Promise<void> {
  const to = join(folder, `plain-${turn}`);
  mkdirSync(to);
  await runCommand('tar', ['--warning=no-unknown-keyword', '-xzf', tar, '-C', to], { timeoutMs });
}

async function importOnce(turn: string): Promise<void> {
  const unpacked = unpackFile(wholeFile(tar, statSync(tar).size), 'gzip');
  const [root, meta] = [join(folder, `root-${turn}`), join(folder, `meta-${turn}`)];
  await importLayer({ source: unpacked.chunks, root, meta, parents: [base], owner: { uid: 101_000, gid: 101_000 } });
  await unpacked.digest();
}

/** 20 KB a file on average, half of it random, in folders of a hundred. */
async function writeLayer(): Promise<void> {
  const plain = join(folder, 'layer.tar');
  const pool = randomBytes(1 << 20);
  const parts: Buffer[] = [tarHeader({ name: 'Files', type: 'folder' })];
  writeFileSync(plain, '');
  for (let index = 0; index < megabytes * 50; index += 1) {
    if (index % 100 === 0) parts.push(tarHeader({ name: `Files/dir${String(index / 100)}`, type: 'folder' }));
    const size = 1000 + ((index * 7919) % 39_000);
    const at = (index * 104_729) % (pool.length - 40_000);
    const body = Buffer.concat([pool.subarray(at, at + size / 2), Buffer.alloc(size - Math.floor(size / 2), 'text ')]);
    parts.push(
      tarHeader({
        name: `Files/dir${String(Math.floor(index / 100))}/f${String(index)}.dll`,
        type: 'file',
        size: body.length,
        pax: { 'MSWINDOWS.fileattr': '32' },
      }),
      body,
      tarPadding(body.length),
    );
    if (parts.length > 1000) writeFileSync(plain, Buffer.concat(parts.splice(0)), { flag: 'a' });
  }
  writeFileSync(plain, Buffer.concat([...parts, tarHeader({ name: 'Hives', type: 'folder' }), tarEnd]), { flag: 'a' });
  await runCommand('gzip', ['-1', plain], { timeoutMs });
}

/** skopeo only copies: unpacking, which a pull does while it downloads, is added to its time. */
async function benchPull(): Promise<void> {
  const port = 20_000 + (process.pid % 20_000);
  const host = `127.0.0.1:${String(port)}`;
  const config = join(folder, 'registry.yml');
  writeFileSync(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'registry') } },
      http: { addr: host },
    }),
  );
  // It ends with us, even when we are killed.
  const registry = spawn('setpriv', ['--pdeathsig', 'KILL', 'docker-registry', 'serve', config], { stdio: 'ignore' });
  try {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await pushLayout(host);
    // Open before and until after, as a daemon's is.
    const stores = [await openStore('1'), await openStore('2')] as const;
    const { ours, theirs } = await inTurns({
      ours: async (turn) => {
        await stores[turn === '1' ? 0 : 1].pull(`${host}/bench:1`);
      },
      theirs: async (turn) => {
        await copyOnce(host, turn);
        await untarOnce(`pull-${turn}`);
      },
    });
    for (const store of stores) store.close();
    reportMemory('import and pull');
    report('pull, unpacked', ours, { name: 'skopeo copy, then tar -xzf', cost: theirs });
  } finally {
    registry.kill('SIGKILL');
  }
}

async function copyOnce(host: string, turn: string): Promise<void> {
  const what = ['--override-os', 'windows', '--override-arch', 'amd64', `docker://${host}/bench:1`];
  const to = `dir:${join(folder, `copied-${turn}`)}`;
  await runCommand('skopeo', ['copy', '-q', '--src-tls-verify=false', ...what, to], { timeoutMs });
}

/** An OCI layout on the disk, which skopeo pushes. */
async function pushLayout(host: string): Promise<void> {
  const layout = join(folder, 'layout');
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const blobs = join(layout, 'blobs/sha256');
  const put = (text: string): { digest: string; size: number } => {
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(blobs, hex), text);
    return { digest: `sha256:${hex}`, size: text.length };
  };
  const unpacked = unpackFile(wholeFile(tar, statSync(tar).size), 'gzip');
  for await (const chunk of unpacked.chunks) void chunk;
  const diff = await unpacked.digest();
  // Not as a whole: what it held would count as ours.
  const packed = createHash('sha256');
  for await (const chunk of createReadStream(tar)) packed.update(chunk);
  const hex = packed.digest('hex');
  copyFileSync(tar, join(blobs, hex));
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: `sha256:${hex}`,
    size: statSync(tar).size,
  };
  const config = {
    os: 'windows',
    architecture: 'amd64',
    'os.version': '10.0.20348.1',
    rootfs: { type: 'layers', diff_ids: [`sha256:${diff}`] },
    history: [{ created_by: 'COPY' }],
  };
  const manifest = put(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...put(JSON.stringify(config)) },
      layers: [layer],
    }),
  );
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest }],
    }),
  );
  await runCommand(
    'skopeo',
    ['copy', '-q', '--dest-tls-verify=false', '--override-os', 'windows', `oci:${layout}`, `docker://${host}/bench:1`],
    { timeoutMs },
  );
}

function reportMemory(what: string): void {
  console.log(`most memory held until here, ${what}: ${String(Math.round(process.resourceUsage().maxRSS / 1024))} MB`);
}

/** What a run that was killed left. */
function removeLeft(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`, 'u').exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

async function openStore(turn: string): Promise<ImageStore> {
  return openImageStore({ folder: join(folder, `store-${turn}`), bases, choose: () => 0 });
}

/** Seconds on the clock, and of all processors together: on a busy machine only the second can be compared. */
interface Cost {
  readonly clock: number;
  readonly processor: number;
}

/**
 * Each twice, one after the other, and the better of both: the speed of a disk changes by itself. Nothing is removed in between, since ext4 passes over
 * inodes that were freed lately, one by one.
 */
async function inTurns(works: Readonly<Record<'ours' | 'theirs', (turn: string) => Promise<void>>>): Promise<{
  readonly ours: Cost;
  readonly theirs: Cost;
}> {
  const theirs = [await timed(() => works.theirs('1'))];
  const ours = [await timed(() => works.ours('1'))];
  theirs.push(await timed(() => works.theirs('2')));
  ours.push(await timed(() => works.ours('2')));
  return { ours: best(ours), theirs: best(theirs) };
}

function best(costs: readonly Cost[]): Cost {
  return {
    clock: Math.min(...costs.map(({ clock }) => clock)),
    processor: Math.min(...costs.map(({ processor }) => processor)),
  };
}

async function timed(work: () => Promise<unknown>): Promise<Cost> {
  // What the piece before wrote is not this one's to bring to the disk.
  await runCommand('sync', ['--file-system', tmpdir()], { timeoutMs });
  const [start, used] = [performance.now(), processorTime()];
  await work();
  return { clock: (performance.now() - start) / 1000, processor: processorTime() - used };
}

/** Of ourselves and of the programs that we ran to their end; Linux counts these in hundredths of a second. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ');
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / 100;
}

function report(what: string, ours: Cost, peer: { name: string; cost: Cost }): void {
  const compare = (name: keyof Cost): string =>
    `${ours[name].toFixed(2)} s to ${peer.cost[name].toFixed(2)} s, ratio ${(ours[name] / peer.cost[name]).toFixed(2)}`;
  console.log(`${what}, to ${peer.name}: ${compare('clock')}; processor time ${compare('processor')}`);
}
