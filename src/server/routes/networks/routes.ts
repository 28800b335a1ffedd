import { WindowboxError } from '../../../errors/index.js';
import {
  checkFilterNames,
  connectNetworkSchema,
  createNetworkSchema,
  disconnectNetworkSchema,
  goTime,
  hasFeature,
  type NetworkShape,
  parseFilters,
} from '../../../docker-api/index.js';
import { type ApiRequest, pathParameter, queryText } from '../../http/api-request.js';
import { readJson } from '../../http/read-body.js';
import { empty, json, type Reply } from '../../http/reply.js';
import { done, type Route } from '../../http/route.js';
import { endpointOf } from '../containers/settings-from-create.js';
import type { NetworkBackend, NetworkView } from './backend.js';

export function networkRoutes(networks: NetworkBackend): readonly Route[] {
  const list = (request: ApiRequest): Promise<Reply> => listNetworks(request, networks);
  return [
    done('GET /networks', 'List networks', list),
    done('GET /networks/', 'List networks', list),
    done('POST /networks/create', 'Create a network', (request) => createNetwork(request, networks)),
    done('POST /networks/prune', 'Delete unused networks', (request) => pruneNetworks(request, networks)),
    done('GET /networks/{name:.*}', 'Inspect a network', async (request) =>
      json(networkShape(await networks.inspect(pathParameter(request, 'name')), request.version)),
    ),
    done('POST /networks/{name}/connect', 'Connect a container', (request) => connect(request, networks)),
    done('POST /networks/{name}/disconnect', 'Disconnect a container', (request) => disconnect(request, networks)),
    done('DELETE /networks/{name:.*}', 'Remove a network', async (request) => {
      await networks.remove(pathParameter(request, 'name'));
      return empty();
    }),
  ];
}

async function listNetworks(request: ApiRequest, networks: NetworkBackend): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  checkFilterNames(filters, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
  const views = await networks.list(filters);
  return json(views.map((view) => ({ ...networkShape(view, request.version), Containers: {} })));
}

async function createNetwork(request: ApiRequest, networks: NetworkBackend): Promise<Reply> {
  const body = await readJson(request, createNetworkSchema, 'CreateRequest');
  if (body.Name === '') throw new WindowboxError('invalid-argument', 'invalid network name: name is empty');
  if (body.ConfigOnly || body.ConfigFrom || body.Ingress || body.Scope === 'swarm')
    throw new WindowboxError('unsupported', `Cannot create network "${body.Name}": this node is not part of a swarm`);
  const { id, warning } = await networks.create({
    name: body.Name,
    driver: body.Driver,
    internal: body.Internal,
    attachable: body.Attachable,
    ipv6: body.EnableIPv6 ?? false,
    pools: (body.IPAM?.Config ?? []).map(({ Subnet, Gateway, IPRange }) => ({
      subnet: Subnet,
      gateway: Gateway,
      range: IPRange,
    })),
    options: body.Options,
    labels: body.Labels,
  });
  return json({ Id: id, Warning: warning }, 201);
}

async function connect(request: ApiRequest, networks: NetworkBackend): Promise<Reply> {
  const body = await readJson(request, connectNetworkSchema, 'ConnectRequest');
  const endpoint = body.EndpointConfig
    ? endpointOf(body.EndpointConfig)
    : { aliases: [], ipv4Address: '', ipv6Address: '', macAddress: '' };
  await networks.connect(pathParameter(request, 'name'), body.Container, endpoint);
  return empty(200);
}

async function disconnect(request: ApiRequest, networks: NetworkBackend): Promise<Reply> {
  const body = await readJson(request, disconnectNetworkSchema, 'DisconnectRequest');
  await networks.disconnect(pathParameter(request, 'name'), body.Container, { force: body.Force });
  return empty(200);
}

async function pruneNetworks(request: ApiRequest, networks: NetworkBackend): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  checkFilterNames(filters, ['label', 'label!', 'until']);
  const deleted = await networks.prune(filters);
  return json({ NetworksDeleted: deleted.length > 0 ? deleted : null });
}

function networkShape(view: NetworkView, version: string): NetworkShape {
  return {
    Name: view.name,
    Id: view.id,
    Created: goTime(view.createdAt),
    Scope: 'local',
    Driver: view.driver,
    ...(hasFeature(version, 'networkEnableIPv4') ? { EnableIPv4: true } : {}),
    EnableIPv6: view.ipv6,
    IPAM: {
      Driver: view.driver === 'null' ? 'default' : 'windows',
      Options: null,
      Config: view.pools.map(({ subnet, gateway, range }) => ({
        Subnet: subnet,
        ...(gateway === '' ? {} : { Gateway: gateway }),
        ...(range === '' ? {} : { IPRange: range }),
      })),
    },
    Internal: view.internal,
    Attachable: view.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      Object.entries(view.members).map(([id, member]) => [
        id,
        {
          Name: member.name,
          EndpointID: member.endpointId,
          MacAddress: member.macAddress,
          IPv4Address: member.ipv4Address,
          IPv6Address: member.ipv6Address,
        },
      ]),
    ),
    Options: view.options,
    Labels: view.labels,
  };
}
