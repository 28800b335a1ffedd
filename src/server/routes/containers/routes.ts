import type { ApiRequest } from '../../http/api-request.js';
import type { Reply } from '../../http/reply.js';
import { done, type Handler, type Route } from '../../http/route.js';
import { exportContainer, readArchive, statArchive, writeArchive } from './archive-handlers.js';
import type { ContainerContext } from './context.js';
import {
  createContainer,
  killContainer,
  pauseContainer,
  pruneContainers,
  removeContainer,
  renameContainer,
  restartContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
  updateContainer,
} from './lifecycle-handlers.js';
import { showLogs } from './log-handler.js';
import { inspectContainer, listChanges, listContainers, listProcesses, waitForContainer } from './query-handlers.js';
import { showStats } from './stats-handler.js';
import { attachContainer, attachWebSocket, resizeContainer } from './stream-handlers.js';

export function containerRoutes(context: ContainerContext): readonly Route[] {
  const on =
    (handler: (request: ApiRequest, context: ContainerContext) => Promise<Reply>): Handler =>
    (request) =>
      handler(request, context);
  const stream = { body: 'stream' } as const;
  return [
    done('GET /containers/json', 'List containers', on(listContainers)),
    done('POST /containers/create', 'Create a container', on(createContainer)),
    done('POST /containers/prune', 'Delete stopped containers', on(pruneContainers)),
    done('GET /containers/{name}/json', 'Inspect a container', on(inspectContainer)),
    done('GET /containers/{name}/top', 'List processes, in the columns of Windows', on(listProcesses)),
    done('GET /containers/{name}/logs', 'Get the log', on(showLogs)),
    done('GET /containers/{name}/changes', 'List changed files', on(listChanges)),
    done('GET /containers/{name}/export', 'Export C: as a tar archive', on(exportContainer)),
    done('GET /containers/{name}/stats', 'Get resource usage, in the fields of Windows', on(showStats)),
    done('POST /containers/{name}/resize', 'Resize the terminal', on(resizeContainer)),
    done('POST /containers/{name}/start', 'Start a container', on(startContainer)),
    done('POST /containers/{name}/stop', 'Stop a container', on(stopContainer)),
    done('POST /containers/{name}/restart', 'Restart a container', on(restartContainer)),
    done('POST /containers/{name}/kill', 'Kill a container', on(killContainer)),
    done('POST /containers/{name}/update', 'Update limits and restart policy', on(updateContainer)),
    done('POST /containers/{name}/rename', 'Rename a container', on(renameContainer)),
    done('POST /containers/{name}/pause', 'Pause a container', on(pauseContainer)),
    done('POST /containers/{name}/unpause', 'Unpause a container', on(unpauseContainer)),
    done('POST /containers/{name}/attach', 'Attach to a container', on(attachContainer), {
      hijack: 'tcp',
      body: 'none',
    }),
    done('GET /containers/{name}/attach/ws', 'Attach over a WebSocket', on(attachWebSocket), { hijack: 'websocket' }),
    done('POST /containers/{name}/wait', 'Wait for a container', on(waitForContainer)),
    done('DELETE /containers/{name}', 'Remove a container', on(removeContainer)),
    done('HEAD /containers/{name}/archive', 'Get facts about a file', on(statArchive)),
    done('GET /containers/{name}/archive', 'Get files as a tar archive', on(readArchive)),
    done('PUT /containers/{name}/archive', 'Put files into a container', on(writeArchive), stream),
  ];
}
