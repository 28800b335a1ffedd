import { type ApiRequest, queryFlag } from '../../http/api-request.js';
import { progressReply } from '../../http/progress.js';
import { json, type Reply } from '../../http/reply.js';
import { done, type Route } from '../../http/route.js';
import type { Template, TemplateBackend } from './backend.js';

/** Docker has no word for what VMs start from, so these endpoints are Windowbox's own. */
export function templateRoutes(templates: TemplateBackend): readonly Route[] {
  return [
    done('GET /templates', 'List the templates of Hyper-V isolation (not in Docker)', () => list(templates)),
    done('POST /templates', 'Make templates of bases (not in Docker)', (request) => make(request, templates)),
    done('POST /templates/prune', 'Delete templates that fit no more, or all (not in Docker)', (request) =>
      prune(request, templates),
    ),
  ];
}

async function list(templates: TemplateBackend): Promise<Reply> {
  const found = await templates.list();
  return json({ Templates: found.templates.map(shapeOf), SharedSize: found.shared });
}

async function make(request: ApiRequest, templates: TemplateBackend): Promise<Reply> {
  return progressReply(templates.make(request.query.getAll('base'), request.signal));
}

async function prune(request: ApiRequest, templates: TemplateBackend): Promise<Reply> {
  const { removed, bytes } = await templates.prune({ all: queryFlag(request, 'all') });
  return json({ TemplatesDeleted: removed, SpaceReclaimed: bytes });
}

function shapeOf(template: Template): Readonly<Record<string, unknown>> {
  return {
    Id: template.id,
    Base: template.base,
    Memory: template.memory * 1024 * 1024,
    Processors: template.processors,
    Size: template.size,
    Created: new Date(template.createdAt).toISOString(),
    LastUsed: template.usedAt === 0 ? '' : new Date(template.usedAt).toISOString(),
    Containers: template.users,
    Stale: template.stale,
  };
}
