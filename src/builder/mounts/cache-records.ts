import { type Database, type DatabaseRow, readNumber, readText } from '../../platform/index.js';

/** What is saved of a cache beside its folder. */
export interface CacheRecord {
  readonly id: string;
  /** Its name in Dockerfiles, and what it was filled from. */
  readonly key: string;
  readonly description: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly usageCount: number;
}

export const cacheMigrations: readonly string[] = [
  `CREATE TABLE caches (
     id TEXT PRIMARY KEY,
     key TEXT NOT NULL,
     description TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     last_used_at INTEGER NOT NULL,
     usage_count INTEGER NOT NULL
   ) STRICT`,
];

export interface CacheRecords {
  all(): readonly CacheRecord[];
  put(record: CacheRecord): void;
  /** Counts a use. */
  touch(id: string, now: number): void;
  delete(id: string): void;
}

/** Plain reads and writes. */
export function createCacheRecords(database: Database): CacheRecords {
  return {
    all: () => database.all('SELECT * FROM caches ORDER BY created_at, id').map(recordOf),
    put: ({ id, key, description, createdAt, lastUsedAt, usageCount }) => {
      database.run(
        'INSERT INTO caches VALUES (?, ?, ?, ?, ?, ?)',
        id,
        key,
        description,
        createdAt,
        lastUsedAt,
        usageCount,
      );
    },
    touch: (id, now) => {
      database.run('UPDATE caches SET last_used_at = ?, usage_count = usage_count + 1 WHERE id = ?', now, id);
    },
    delete: (id) => {
      database.run('DELETE FROM caches WHERE id = ?', id);
    },
  };
}

function recordOf(row: DatabaseRow): CacheRecord {
  return {
    id: readText(row, 'id'),
    key: readText(row, 'key'),
    description: readText(row, 'description'),
    createdAt: readNumber(row, 'created_at'),
    lastUsedAt: readNumber(row, 'last_used_at'),
    usageCount: readNumber(row, 'usage_count'),
  };
}
