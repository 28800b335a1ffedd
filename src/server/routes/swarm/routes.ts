import { WindowboxError } from '../../../errors/index.js';
import { dockerTexts } from '../../../docker-api/index.js';
import { pathParameter } from '../../http/api-request.js';
import { json } from '../../http/reply.js';
import { refused, type Route, splitEndpoint } from '../../http/route.js';

/** Swarm, services, nodes, secrets, configs, tasks and plugins: an engine that is not part of a swarm and has no plugins. */
export function swarmRoutes(): readonly Route[] {
  return [
    ...managerOnly.map(([endpoint, summary]) => outsideOfSwarm(endpoint, summary, dockerTexts.notSwarmManager)),
    outsideOfSwarm('POST /swarm/leave', 'Leave a swarm', 'This node is not part of a swarm'),
    ...swarmOnly.map(([endpoint, summary]) => refused(endpoint, summary, noSwarm)),
    ...pluginRoutes(),
  ];
}

const noSwarm = 'Windowbox runs on one machine and joins no swarm';
const noPlugins = 'A Windows engine has no managed plugins';

const swarmOnly = [
  ['POST /swarm/init', 'Start a swarm'],
  ['POST /swarm/join', 'Join a swarm'],
] as const;

const managerOnly = [
  ['GET /swarm', 'Inspect the swarm'],
  ['POST /swarm/update', 'Update the swarm'],
  ['GET /swarm/unlockkey', 'Get the unlock key'],
  ['POST /swarm/unlock', 'Unlock a manager'],
  ['GET /services', 'List services'],
  ['POST /services/create', 'Create a service'],
  ['GET /services/{id}', 'Inspect a service'],
  ['DELETE /services/{id}', 'Delete a service'],
  ['POST /services/{id}/update', 'Update a service'],
  ['GET /services/{id}/logs', 'Get the log of a service'],
  ['GET /nodes', 'List nodes'],
  ['GET /nodes/{id}', 'Inspect a node'],
  ['DELETE /nodes/{id}', 'Delete a node'],
  ['POST /nodes/{id}/update', 'Update a node'],
  ['GET /tasks', 'List tasks'],
  ['GET /tasks/{id}', 'Inspect a task'],
  ['GET /tasks/{id}/logs', 'Get the log of a task'],
  ['GET /secrets', 'List secrets'],
  ['POST /secrets/create', 'Create a secret'],
  ['GET /secrets/{id}', 'Inspect a secret'],
  ['DELETE /secrets/{id}', 'Delete a secret'],
  ['POST /secrets/{id}/update', 'Update a secret'],
  ['GET /configs', 'List configs'],
  ['POST /configs/create', 'Create a config'],
  ['GET /configs/{id}', 'Inspect a config'],
  ['DELETE /configs/{id}', 'Delete a config'],
  ['POST /configs/{id}/update', 'Update a config'],
] as const;

function outsideOfSwarm(endpoint: string, summary: string, message: string): Route {
  const handle = (): never => {
    throw new WindowboxError('unavailable', message);
  };
  return { ...splitEndpoint(endpoint), summary, handle, state: 'not-swarm', body: 'none' };
}

function pluginRoutes(): readonly Route[] {
  const unknown = (endpoint: string, summary: string): Route => ({
    ...splitEndpoint(endpoint),
    summary: `${summary}: there are none`,
    state: 'not-swarm',
    body: 'none',
    handle: (request) => {
      throw new WindowboxError('not-found', `plugin "${pathParameter(request, 'name')}" not found`);
    },
  });
  return [
    {
      ...splitEndpoint('GET /plugins'),
      summary: 'List plugins: there are none',
      state: 'not-swarm',
      handle: () => json([]),
    },
    refused('GET /plugins/privileges', 'Get what a plugin needs', noPlugins),
    refused('POST /plugins/pull', 'Install a plugin', noPlugins),
    refused('POST /plugins/create', 'Create a plugin', noPlugins),
    unknown('GET /plugins/{name:.*}/json', 'Inspect a plugin'),
    unknown('POST /plugins/{name:.*}/enable', 'Enable a plugin'),
    unknown('POST /plugins/{name:.*}/disable', 'Disable a plugin'),
    unknown('POST /plugins/{name:.*}/upgrade', 'Upgrade a plugin'),
    unknown('POST /plugins/{name:.*}/push', 'Push a plugin'),
    unknown('POST /plugins/{name:.*}/set', 'Configure a plugin'),
    unknown('DELETE /plugins/{name:.*}', 'Remove a plugin'),
  ];
}
