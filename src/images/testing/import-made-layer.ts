// `node import-made-layer.js FOLDER FILES BYTES`: imports a packed layer of so many files of so many bytes each, and prints the most memory that it held, in
// bytes. A program of its own, since a test's memory says nothing.
import { createWriteStream, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';
import { importLayer } from '../layers/import-layer.js';
import { packGzip } from '../layers/pack-layer.js';
import { unpackFile } from '../layers/unpack-file.js';
import { wholeFile } from '../packed-file.js';

const [folder = '', files = '0', bytes = '0'] = process.argv.slice(2);
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c'), { recursive: true });
const packed = join(folder, 'layer.tar.gz');
await pipeline(packGzip(makeLayer(Number(files), Number(bytes))), createWriteStream(packed));
const unpacked = unpackFile(wholeFile(packed, statSync(packed).size), 'gzip');
await importLayer({
  source: unpacked.chunks,
  root: join(folder, 'root'),
  meta: join(folder, 'meta'),
  parents: [base],
  owner: { uid: 101_000, gid: 101_000 },
});
console.log(process.resourceUsage().maxRSS * 1024);

async function* makeLayer(count: number, size: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(1 << 16, 'content');
  yield tarHeader({ name: 'Files', type: 'folder' });
  for (let index = 0; index < count; index += 1) {
    const dir = `Files/dir${String(Math.floor(index / 100))}`;
    if (index % 100 === 0) yield tarHeader({ name: dir, type: 'folder' });
    yield tarHeader({ name: `${dir}/file${String(index)}.dll`, type: 'file', size });
    for (let left = size; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
    yield tarPadding(size);
  }
  yield tarHeader({ name: 'Hives', type: 'folder' });
  yield tarEnd;
}
