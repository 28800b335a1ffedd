import { type Database, type DatabaseRow, readNumber, readText } from '../platform/index.js';
import type { BaseProduct } from './types.js';

/** One row about an image: all but its config, which is a blob. */
export interface ImageRecord {
  readonly id: string;
  readonly product: BaseProduct;
  readonly osVersion: string;
  readonly baseLayers: number;
  readonly offline: boolean;
  /** Digest of the manifest that it, or the image that it was made from, came with; empty: none. */
  readonly manifest: string;
  /** Image id; empty: none. */
  readonly parent: string;
  readonly size: number;
  readonly taggedAt: number;
  /** Removed by force while a container holds it: not listed, kept until the last lease ends. */
  readonly hidden: boolean;
  /** The layers above the base, lowest first. */
  readonly chains: readonly string[];
}

export interface LayerRecord {
  readonly chain: string;
  readonly diff: string;
  readonly size: number;
  /** Digest of the packed layer; empty: never packed. */
  readonly blob: string;
}

/** How long a hold may last: beyond the daemon's life, or not. */
export type HoldSpan = 'lasting' | 'brief';

/** What the store knows of images, names, layers and leases: plain reads and writes, no rules. */
export interface ImageRecords {
  transaction<T>(work: () => T): T;
  find(id: string): ImageRecord | undefined;
  /** Ids that begin with these hexadecimal digits; at most two, which is enough to see that it is ambiguous. */
  findByPrefix(hex: string): readonly string[];
  all(): readonly ImageRecord[];
  put(record: ImageRecord): void;
  setManifest(id: string, manifest: string): void;
  hide(id: string): void;
  delete(id: string): void;
  childrenOf(id: string): readonly string[];

  /** Images behind a full name (`domain/path:tag`), in the order in which they were given. */
  imagesNamed(name: string): readonly string[];
  namesOf(id: string): readonly string[];
  setName(name: string, ids: readonly string[], now: number): void;
  removeName(name: string): void;
  digestsOf(id: string): readonly { readonly repository: string; readonly digest: string }[];
  imagesByDigest(repository: string, digest: string): readonly string[];
  addDigest(entry: { readonly repository: string; readonly digest: string; readonly image: string }): void;
  removeDigests(id: string, repository?: string): void;

  layer(chain: string): LayerRecord | undefined;
  layers(): readonly LayerRecord[];
  putLayer(layer: LayerRecord): void;
  deleteLayer(chain: string): void;
  /** Layers whose files may not be on the disk yet, and the boot of the machine that they were made in. */
  unsynced(): readonly { readonly chain: string; readonly boot: string }[];
  markUnsynced(chain: string, boot: string): void;
  markSynced(chains: readonly string[]): void;

  holdersOf(id: string): readonly string[];
  /** The image that a holder holds. */
  heldBy(holder: string): string | undefined;
  holders(): readonly string[];
  /** `brief`: in memory alone, for a holder that ends with the daemon; no write waits for the disk. */
  hold(holder: string, id: string, span: HoldSpan): void;
  release(holder: string): void;
}

export function createImageRecords(database: Database): ImageRecords {
  const texts = (column: string, sql: string, ...values: readonly string[]): string[] =>
    database.all(sql, ...values).map((row) => readText(row, column));
  database.run('CREATE TEMP TABLE IF NOT EXISTS brief_leases (holder TEXT PRIMARY KEY, image TEXT NOT NULL)');
  return {
    transaction: (work) => database.transaction(work),
    ...imageRows(database, texts),
    ...nameRows(database, texts),
    layer: (chain) => {
      const row = database.get('SELECT * FROM layers WHERE chain = ?', chain);
      return row && layerOf(row);
    },
    layers: () => database.all('SELECT * FROM layers').map(layerOf),
    putLayer: ({ chain, diff, size, blob }) => {
      database.run('INSERT OR REPLACE INTO layers VALUES (?, ?, ?, ?)', chain, diff, size, blob);
    },
    deleteLayer: (chain) => {
      database.run('DELETE FROM unsynced_layers WHERE chain = ?', chain);
      database.run('DELETE FROM layers WHERE chain = ?', chain);
    },
    unsynced: () =>
      database
        .all('SELECT * FROM unsynced_layers')
        .map((row) => ({ chain: readText(row, 'chain'), boot: readText(row, 'boot') })),
    markUnsynced: (chain, boot) => {
      database.run('INSERT OR REPLACE INTO unsynced_layers VALUES (?, ?)', chain, boot);
    },
    markSynced: (chains) => {
      database.transaction(() => {
        for (const chain of chains) database.run('DELETE FROM unsynced_layers WHERE chain = ?', chain);
      });
    },
    holdersOf: (id) => texts('holder', `SELECT holder FROM (${allLeases}) WHERE image = ? ORDER BY holder`, id),
    heldBy: (holder) => texts('image', `SELECT image FROM (${allLeases}) WHERE holder = ?`, holder)[0],
    holders: () => texts('holder', `SELECT holder FROM (${allLeases})`),
    hold: (holder, id, span) => {
      const table = span === 'brief' ? 'brief_leases' : 'leases';
      database.run(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`, holder, id);
    },
    release: (holder) => {
      database.run('DELETE FROM brief_leases WHERE holder = ?', holder);
      database.run('DELETE FROM leases WHERE holder = ?', holder);
    },
  };
}

const allLeases = 'SELECT * FROM leases UNION ALL SELECT * FROM brief_leases';

type ReadTexts = (column: string, sql: string, ...values: readonly string[]) => string[];

function imageRows(database: Database, texts: ReadTexts) {
  const chainsOf = (id: string): string[] =>
    texts('chain', 'SELECT chain FROM image_layers WHERE image = ? ORDER BY position', id);
  const read = (row: DatabaseRow): ImageRecord => imageOf(row, chainsOf(readText(row, 'id')));
  return {
    find: (id: string) => {
      const row = database.get('SELECT * FROM images WHERE id = ?', id);
      return row && read(row);
    },
    findByPrefix: (hex: string) =>
      texts('id', 'SELECT id FROM images WHERE substr(id, 8, ?) = ? LIMIT 2', String(hex.length), hex),
    all: () => database.all('SELECT * FROM images ORDER BY added_at DESC, id').map(read),
    put: (record: ImageRecord) => {
      database.run(
        `INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
         ON CONFLICT (id) DO UPDATE SET hidden = 0, manifest = CASE excluded.manifest WHEN '' THEN manifest ELSE excluded.manifest END`,
        record.id,
        record.product,
        record.osVersion,
        record.baseLayers,
        record.offline ? 1 : 0,
        record.manifest,
        record.parent,
        record.size,
        record.taggedAt,
        Date.now(),
      );
      database.run('DELETE FROM image_layers WHERE image = ?', record.id);
      for (const [position, chain] of record.chains.entries())
        database.run('INSERT INTO image_layers VALUES (?, ?, ?)', record.id, position, chain);
    },
    setManifest: (id: string, manifest: string) => {
      database.run('UPDATE images SET manifest = ? WHERE id = ?', manifest, id);
    },
    hide: (id: string) => {
      database.run('UPDATE images SET hidden = 1 WHERE id = ?', id);
    },
    delete: (id: string) => {
      database.run('DELETE FROM names WHERE image = ?', id);
      database.run('DELETE FROM digests WHERE image = ?', id);
      database.run("UPDATE images SET parent = '' WHERE parent = ?", id);
      database.run('DELETE FROM image_layers WHERE image = ?', id);
      database.run('DELETE FROM images WHERE id = ?', id);
    },
    childrenOf: (id: string) =>
      texts('id', 'SELECT id FROM images WHERE parent = ? AND hidden = 0 ORDER BY added_at DESC', id),
  };
}

function nameRows(database: Database, texts: ReadTexts) {
  return {
    imagesNamed: (name: string) => texts('image', 'SELECT image FROM names WHERE name = ? ORDER BY rowid', name),
    namesOf: (id: string) => texts('name', 'SELECT name FROM names WHERE image = ? ORDER BY name', id),
    setName: (name: string, ids: readonly string[], now: number) => {
      database.run('DELETE FROM names WHERE name = ?', name);
      for (const id of ids) {
        database.run('INSERT INTO names VALUES (?, ?)', name, id);
        database.run('UPDATE images SET tagged_at = ? WHERE id = ?', now, id);
      }
    },
    removeName: (name: string) => {
      database.run('DELETE FROM names WHERE name = ?', name);
    },
    digestsOf: (id: string) =>
      database
        .all('SELECT repository, digest FROM digests WHERE image = ? ORDER BY repository, digest', id)
        .map((row) => ({ repository: readText(row, 'repository'), digest: readText(row, 'digest') })),
    imagesByDigest: (repository: string, digest: string) =>
      texts('image', 'SELECT image FROM digests WHERE repository = ? AND digest = ?', repository, digest),
    addDigest: (entry: { readonly repository: string; readonly digest: string; readonly image: string }) => {
      database.run('INSERT OR REPLACE INTO digests VALUES (?, ?, ?)', entry.repository, entry.digest, entry.image);
    },
    removeDigests: (id: string, repository?: string) => {
      if (repository === undefined) database.run('DELETE FROM digests WHERE image = ?', id);
      else database.run('DELETE FROM digests WHERE image = ? AND repository = ?', id, repository);
    },
  };
}

function imageOf(row: DatabaseRow, chains: readonly string[]): ImageRecord {
  return {
    id: readText(row, 'id'),
    product: productOf(readText(row, 'base_product')),
    osVersion: readText(row, 'base_version'),
    baseLayers: readNumber(row, 'base_layers'),
    offline: readNumber(row, 'offline') === 1,
    manifest: readText(row, 'manifest'),
    parent: readText(row, 'parent'),
    size: readNumber(row, 'size'),
    taggedAt: readNumber(row, 'tagged_at'),
    hidden: readNumber(row, 'hidden') === 1,
    chains,
  };
}

function productOf(text: string): BaseProduct {
  return products.find((product) => product === text) ?? 'servercore';
}

const products: readonly BaseProduct[] = ['nanoserver', 'servercore', 'server', 'windows'];

function layerOf(row: DatabaseRow): LayerRecord {
  return {
    chain: readText(row, 'chain'),
    diff: readText(row, 'diff'),
    size: readNumber(row, 'size'),
    blob: readText(row, 'blob'),
  };
}
