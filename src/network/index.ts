export { removeFirewall } from './firewall.js';
export type { EndpointTraffic } from './endpoint-traffic.js';
export { type Client, type Connection } from './connect.js';
export { makeNetworkManager, type NetworkManager, type NetworkOptions } from './make-network-manager.js';
export { networkMigrations } from './network-store.js';
export { type NetworkWish } from './network-table.js';
export type { EndpointRecord, EndpointRequest, NetworkRecord, PortRequest, PublishedPort } from './types.js';
