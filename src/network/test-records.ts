import type { EndpointRecord, NetworkRecord } from './types.js';

/** Records for tests: what a test does not name is as plain as can be. */
export function testNetwork(about: Partial<NetworkRecord>): NetworkRecord {
  return {
    id: '',
    name: about.id ?? '',
    driver: 'nat',
    createdAt: 0,
    subnet: '172.28.0.0/16',
    gateway: '172.28.0.1',
    range: '',
    internal: false,
    attachable: false,
    labels: {},
    options: {},
    bridge: '',
    builtIn: false,
    ...about,
  };
}

export function testEndpoint(about: Partial<EndpointRecord>): EndpointRecord {
  return {
    id: '',
    networkId: '',
    containerId: about.containerName ?? '',
    containerName: '',
    hostname: '',
    interfaceName: 'eth0',
    address: '',
    macAddress: '',
    aliases: [],
    ports: [],
    dns: [],
    ...about,
  };
}
