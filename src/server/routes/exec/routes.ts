import { done, type Route } from '../../http/route.js';
import type { ExecBackend } from './backend.js';
import { createExec, inspectExec, resizeExec, startExec } from './handlers.js';

export function execRoutes(execs: ExecBackend): readonly Route[] {
  return [
    done('POST /containers/{name}/exec', 'Create an exec instance', (request) => createExec(request, execs)),
    done('POST /exec/{name}/start', 'Start an exec instance', (request) => startExec(request, execs), {
      hijack: 'tcp',
    }),
    done('POST /exec/{name}/resize', "Resize an exec instance's terminal", (request) => resizeExec(request, execs)),
    done('GET /exec/{name}/json', 'Inspect an exec instance', (request) => inspectExec(request, execs)),
  ];
}
