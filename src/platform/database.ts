import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import LibsqlDatabase from 'libsql';
import { describeError, WindowboxError } from '../errors/index.js';

export type DatabaseValue = string | number | null | Uint8Array;
export type DatabaseRow = Readonly<Record<string, unknown>>;

/**
 * A SQLite file for state that must survive a power cut. All calls are synchronous and take microseconds; a write waits for the
 * disk. One daemon owns the file; a second process may read it.
 *
 * @throws WindowboxError `resource-exhausted` from every write while the disk is full; nothing of it is changed then.
 */
export interface Database {
  /** Runs one statement; answers how many rows it changed. */
  run(sql: string, ...values: readonly DatabaseValue[]): number;
  get(sql: string, ...values: readonly DatabaseValue[]): DatabaseRow | undefined;
  all(sql: string, ...values: readonly DatabaseValue[]): readonly DatabaseRow[];
  /** All or nothing: an error in `work`, which must not be asynchronous, undoes what it did. May be nested; the outermost counts. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens (or makes) a database in WAL mode with `synchronous=FULL`, so that what was committed stays after a power cut, and runs
 * the migrations that it has not seen yet, each once, in order, in one transaction. Never change or reorder a released migration.
 *
 * @throws WindowboxError `data-loss` when the file is damaged or no database, `unsupported` when a newer Windowbox made it.
 */
export function openDatabase(path: string, migrations: readonly string[]): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const connection = new LibsqlDatabase(path, { timeout: 10_000 });
    try {
      prepareConnection(connection, path);
      const database = wrapConnection(connection, path);
      migrate(database, path, migrations);
      return database;
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    throw explainError(error, path);
  }
}

/** The text in a column. A value of another type means that the schema and the code disagree: an internal error. */
export function readText(row: DatabaseRow, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new WindowboxError('internal', `Cannot read column "${column}": text expected, found ${typeof value}`);
}

/** The number in a column. */
export function readNumber(row: DatabaseRow, column: string): number {
  const value = row[column];
  if (typeof value === 'number') return value;
  throw new WindowboxError('internal', `Cannot read column "${column}": number expected, found ${typeof value}`);
}

function prepareConnection(connection: LibsqlDatabase.Database, path: string): void {
  connection.exec('PRAGMA journal_mode=WAL');
  connection.exec('PRAGMA synchronous=FULL');
  connection.exec('PRAGMA foreign_keys=ON');
  const verdict = connection.prepare('PRAGMA quick_check(1)').raw().get();
  if (Array.isArray(verdict) && verdict[0] === 'ok') return;
  throw damaged(path, Array.isArray(verdict) ? String(verdict[0]) : 'no answer to quick_check');
}

function wrapConnection(connection: LibsqlDatabase.Database, path: string): Database {
  const statements = new Map<string, LibsqlDatabase.Statement>();
  let depth = 0;
  const prepare = (sql: string): LibsqlDatabase.Statement => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    run: (sql, ...values) => {
      try {
        return prepare(sql).run(...values).changes;
      } catch (error) {
        throw explainFull(error, path);
      }
    },
    get: (sql, ...values) => rowOf(prepare(sql).get(...values)),
    all: (sql, ...values) =>
      prepare(sql)
        .all(...values)
        .map(rowOf)
        .filter((row) => row !== undefined),
    transaction: (work) => {
      if (depth > 0) return work();
      connection.exec('BEGIN IMMEDIATE');
      depth += 1;
      try {
        const result = work();
        connection.exec('COMMIT');
        return result;
      } catch (error) {
        // SQLite has rolled back by itself what found no room.
        if (connection.inTransaction) connection.exec('ROLLBACK');
        throw explainFull(error, path);
      } finally {
        depth -= 1;
      }
    },
    close: () => {
      // The library closes late: without this, the log would still hold what a copy of the main file should have.
      try {
        connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').raw().all();
      } catch (error) {
        // The log keeps what the main file has no room for.
        if (!isFull(error)) throw error;
      }
      connection.close();
    },
  };
}

function explainFull(error: unknown, path: string): unknown {
  if (!isFull(error)) return error;
  return new WindowboxError('resource-exhausted', `Cannot write "${path}": no space left on device`, {
    hint: 'Free some space on that disk, and try again.',
    cause: error,
  });
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_FULL';
}

function rowOf(value: unknown): DatabaseRow | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function migrate(database: Database, path: string, migrations: readonly string[]): void {
  database.transaction(() => {
    database.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
    const row = database.get('SELECT version FROM schema_version');
    const version = row ? readNumber(row, 'version') : 0;
    if (version > migrations.length)
      throw new WindowboxError('unsupported', `Cannot open "${path}": made by a newer Windowbox`, {
        hint: 'Start the newer Windowbox again, or move the file away to begin anew.',
      });
    for (const script of migrations.slice(version))
      for (const statement of splitScript(script)) database.run(statement);
    database.run('DELETE FROM schema_version');
    database.run('INSERT INTO schema_version VALUES (?)', migrations.length);
  });
}

/** Statements end with a semicolon at the end of a line: a migration holds no text literal or trigger with one. */
function splitScript(script: string): string[] {
  return script
    .split(/;\s*(?:\n|$)/u)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function explainError(error: unknown, path: string): unknown {
  if (error instanceof WindowboxError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = describeError(error);
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT' || /malformed|not a database/u.test(reason))
    return damaged(path, reason, error);
  return new WindowboxError('unavailable', `Cannot open database "${path}": ${reason}`, { cause: error });
}

function damaged(path: string, reason: string, cause?: unknown): WindowboxError {
  return new WindowboxError('data-loss', `Cannot open database "${path}": ${reason}`, {
    hint: 'The file is damaged. Restore it from a backup, or move it and its "-wal" and "-shm" files away to begin anew.',
    ...(cause === undefined ? {} : { cause }),
  });
}
