import { type Database, readText } from '../platform/index.js';
import type { EndpointRecord, NetworkRecord } from './types.js';

export const networkMigrations: readonly string[] = [
  `CREATE TABLE networks (id TEXT PRIMARY KEY, record TEXT NOT NULL);
   CREATE TABLE endpoints (id TEXT PRIMARY KEY, container TEXT NOT NULL, record TEXT NOT NULL);
   CREATE TABLE namespaces (container TEXT PRIMARY KEY, path TEXT NOT NULL);`,
];

/** Networks and endpoints, in memory and on disk; a change is on disk when the call returns. */
export interface NetworkStore {
  networks(): readonly NetworkRecord[];
  endpoints(): readonly EndpointRecord[];
  saveNetwork(network: NetworkRecord): void;
  deleteNetwork(id: string): void;
  saveEndpoints(endpoints: readonly EndpointRecord[]): void;
  deleteEndpoints(ids: readonly string[]): void;
  /** By container id: the file of its namespace. */
  namespaces(): readonly (readonly [string, string])[];
  saveNamespace(container: string, path: string): void;
  deleteNamespace(container: string): void;
}

export function createNetworkStore(database: Database): NetworkStore {
  const networks = new Map<string, NetworkRecord>();
  const endpoints = new Map<string, EndpointRecord>();
  for (const row of database.all('SELECT record FROM networks ORDER BY rowid')) {
    const network: unknown = JSON.parse(readText(row, 'record'));
    if (isNetwork(network)) networks.set(network.id, network);
  }
  for (const row of database.all('SELECT record FROM endpoints ORDER BY rowid')) {
    const endpoint: unknown = JSON.parse(readText(row, 'record'));
    if (isEndpoint(endpoint)) endpoints.set(endpoint.id, endpoint);
  }
  return {
    networks: () => [...networks.values()],
    endpoints: () => [...endpoints.values()],
    saveNetwork: (network) => {
      database.run(
        'INSERT INTO networks VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record',
        network.id,
        JSON.stringify(network),
      );
      networks.set(network.id, network);
    },
    deleteNetwork: (id) => {
      database.run('DELETE FROM networks WHERE id = ?', id);
      networks.delete(id);
    },
    saveEndpoints: (added) => {
      database.transaction(() => {
        for (const endpoint of added)
          database.run(
            'INSERT INTO endpoints VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record',
            endpoint.id,
            endpoint.containerId,
            JSON.stringify(endpoint),
          );
      });
      for (const endpoint of added) endpoints.set(endpoint.id, endpoint);
    },
    deleteEndpoints: (ids) => {
      database.transaction(() => {
        for (const id of ids) database.run('DELETE FROM endpoints WHERE id = ?', id);
      });
      for (const id of ids) endpoints.delete(id);
    },
    namespaces: () =>
      database
        .all('SELECT container, path FROM namespaces')
        .map((row) => [readText(row, 'container'), readText(row, 'path')]),
    saveNamespace: (container, path) => {
      database.run('INSERT OR REPLACE INTO namespaces VALUES (?, ?)', container, path);
    },
    deleteNamespace: (container) => {
      database.run('DELETE FROM namespaces WHERE container = ?', container);
    },
  };
}

function isNetwork(value: unknown): value is NetworkRecord {
  return typeof value === 'object' && value !== null && 'subnet' in value && 'bridge' in value && 'name' in value;
}

function isEndpoint(value: unknown): value is EndpointRecord {
  return typeof value === 'object' && value !== null && 'networkId' in value && 'address' in value && 'ports' in value;
}
