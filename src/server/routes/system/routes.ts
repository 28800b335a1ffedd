import { incrementalHeader, authSchema } from '../../../docker-api/index.js';
import type { ApiRequest } from '../../http/api-request.js';
import type { Metrics } from '../../http/metrics.js';
import { readJson } from '../../http/read-body.js';
import { empty, json, type Reply } from '../../http/reply.js';
import { done, refused, type Route } from '../../http/route.js';
import { toRegistryAuth } from '../images/registry-auth.js';
import type { SystemBackend } from './backend.js';
import { showDiskUsage } from './disk-usage.js';
import { showEvents } from './event-handler.js';
import { infoShape, versionShape } from './info.js';

export function systemRoutes(backend: SystemBackend, metrics: Metrics): readonly Route[] {
  return [
    done('GET /_ping', 'Ping', () => ping('OK')),
    done('HEAD /_ping', 'Ping without a body', () => ping('')),
    done('GET /version', 'Version', () => json(versionShape(backend.facts()))),
    done('GET /info', 'System information, as the Windows of the host profile', (request) => info(request, backend)),
    done('GET /events', 'Monitor events', (request) => showEvents(request, backend)),
    done('GET /system/df', 'Disk usage', (request) => showDiskUsage(request, backend)),
    done('POST /auth', 'Try a login at a registry', (request) => login(request, backend)),
    done('OPTIONS /{any:.*}', 'Nothing, with the common headers', () => empty(200)),
    done('GET /metrics', 'Metrics in the text format of Prometheus (Windowbox only)', () => showMetrics(metrics)),
    refused('POST /session', 'Open a BuildKit session', noBuildKit),
    refused('POST /grpc', 'Open a BuildKit connection', noBuildKit),
  ];
}

const noBuildKit = 'A Windows engine builds with the classic builder: set DOCKER_BUILDKIT=0';

function ping(text: string): Reply {
  return {
    kind: 'text',
    status: 200,
    contentType: 'text/plain; charset=utf-8',
    text,
    headers: {
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
      'Builder-Version': '1',
      [incrementalHeader]: '1',
      Swarm: 'inactive',
    },
  };
}

async function info(request: ApiRequest, backend: SystemBackend): Promise<Reply> {
  const containers = await backend.containers.list({ all: true, limit: 0, size: false, filters: {} });
  const images = await backend.images.list();
  return json(infoShape({ facts: backend.facts(), containers, images: images.length, version: request.version }));
}

async function login(request: ApiRequest, backend: SystemBackend): Promise<Reply> {
  const auth = toRegistryAuth(await readJson(request, authSchema, 'AuthConfig'));
  const { identityToken } = await backend.login(auth, request.signal);
  return json({ Status: 'Login Succeeded', IdentityToken: identityToken });
}

function showMetrics(metrics: Metrics): Reply {
  return { kind: 'text', status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8', text: metrics.render() };
}
