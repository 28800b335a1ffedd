import { describeError } from '../errors/index.js';
import { type Database, readText } from '../platform/index.js';
import type { ContainerRecord } from './container.js';
import type { EngineLogger } from './dependencies.js';
import type { VolumeView } from './types.js';

/** The engine's tables. A record is one row of JSON: it is always read and written whole. */
export const engineMigrations: readonly string[] = [
  `CREATE TABLE containers (id TEXT PRIMARY KEY, record TEXT NOT NULL);
   CREATE TABLE volumes (name TEXT PRIMARY KEY, record TEXT NOT NULL);`,
];

export interface ContainerStore {
  /** On disk when it returns. */
  save(record: ContainerRecord): void;
  delete(id: string): void;
  loadAll(): LoadedContainers;
  saveVolume(volume: VolumeView): void;
  deleteVolume(name: string): void;
  loadVolumes(): readonly VolumeView[];
}

export interface LoadedContainers {
  readonly records: readonly ContainerRecord[];
  /** Ids of the rows that cannot be read. */
  readonly damaged: readonly string[];
}

export function createContainerStore(database: Database, logger: EngineLogger): ContainerStore {
  /** One damaged row must not keep the others from running; it stays in the file for whoever looks into it. */
  const load = <T>(table: Table, isValid: (value: unknown) => value is T): { values: T[]; damaged: string[] } => {
    const [values, damaged]: [T[], string[]] = [[], []];
    for (const row of database.all(`SELECT ${keys[table]} AS key, record FROM ${table}`)) {
      const value = parseRow(readText(row, 'record'));
      if (isValid(value)) {
        values.push(value);
        continue;
      }
      damaged.push(readText(row, 'key'));
      logger.warn(`Cannot read a row of "${table}": damaged`, { row: readText(row, 'record').slice(0, 200) });
    }
    return { values, damaged };
  };
  return {
    save: (record) => {
      database.run('INSERT OR REPLACE INTO containers VALUES (?, ?)', record.id, JSON.stringify(record));
    },
    delete: (id) => {
      database.run('DELETE FROM containers WHERE id = ?', id);
    },
    loadAll: () => {
      const { values, damaged } = load('containers', isContainerRecord);
      return { records: values, damaged };
    },
    saveVolume: (volume) => {
      database.run('INSERT OR REPLACE INTO volumes VALUES (?, ?)', volume.name, JSON.stringify(volume));
    },
    deleteVolume: (name) => {
      database.run('DELETE FROM volumes WHERE name = ?', name);
    },
    loadVolumes: () => load('volumes', isVolume).values,
  };
}

type Table = 'containers' | 'volumes';
const keys: Readonly<Record<Table, string>> = { containers: 'id', volumes: 'name' };

function parseRow(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return describeError(error);
  }
}

/** Rows are written by us alone: the check is against damage, so a few fields of each kind are enough. */
function isContainerRecord(value: unknown): value is ContainerRecord {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    typeof value['name'] === 'string' &&
    isObject(value['settings']) &&
    isObject(value['effective']) &&
    isObject(value['layer']) &&
    isObject(value['state']) &&
    typeof value['state']['status'] === 'string'
  );
}

function isVolume(value: unknown): value is VolumeView {
  return isObject(value) && typeof value['name'] === 'string' && typeof value['mountpoint'] === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
