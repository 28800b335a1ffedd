import { describeError, WindowboxError } from '../../../errors/index.js';
import {
  createExecSchema,
  dockerTexts,
  encodeFrame,
  type ExecInspect,
  hasFeature,
  startExecSchema,
} from '../../../docker-api/index.js';
import type { ExecView } from '../../../engine/index.js';
import { type ApiRequest, pathParameter, querySize } from '../../http/api-request.js';
import { attachReply } from '../../http/attach-reply.js';
import { parseDetachKeys } from '../../http/detach-keys.js';
import { readJson } from '../../http/read-body.js';
import { empty, type HijackReply, json, multiplexedStream, rawStream, type Reply } from '../../http/reply.js';
import { sizeOf } from '../containers/settings-from-create.js';
import type { ExecBackend } from './backend.js';

export async function createExec(request: ApiRequest, execs: ExecBackend): Promise<Reply> {
  const body = await readJson(request, createExecSchema, 'ExecCreateRequest');
  if (body.Cmd.length === 0) throw new WindowboxError('invalid-argument', dockerTexts.noExecCommand);
  parseDetachKeys(body.DetachKeys);
  const { id } = await execs.create(pathParameter(request, 'name'), {
    command: body.Cmd,
    terminal: body.Tty,
    attachStdin: body.AttachStdin,
    attachStdout: body.AttachStdout,
    attachStderr: body.AttachStderr,
    env: body.Env,
    workingDir: body.WorkingDir,
    user: body.User,
    privileged: body.Privileged,
    detachKeys: body.DetachKeys,
    consoleSize: hasFeature(request.version, 'execConsoleSize') ? sizeOf(body.ConsoleSize) : undefined,
  });
  return json({ Id: id }, 201);
}

export async function startExec(request: ApiRequest, execs: ExecBackend): Promise<Reply> {
  const body = await readJson(request, startExecSchema, 'ExecStartRequest');
  const id = pathParameter(request, 'name');
  const view = await execs.inspect(id);
  const useSize = body.Tty && hasFeature(request.version, 'execConsoleSize');
  const size = useSize ? sizeOf(body.ConsoleSize) : undefined;
  try {
    const session = await execs.start(id, { detached: body.Detach, size });
    if (!session) return empty(200);
    return attachReply(session, { version: request.version, detachKeys: view.settings.detachKeys });
  } catch (error) {
    if (body.Detach || !isFailureOfProgram(error)) throw error;
    return failedStart(error, { framed: !view.settings.terminal, version: request.version });
  }
}

export async function inspectExec(request: ApiRequest, execs: ExecBackend): Promise<Reply> {
  return json(execInspect(await execs.inspect(pathParameter(request, 'name'))));
}

export async function resizeExec(request: ApiRequest, execs: ExecBackend): Promise<Reply> {
  await execs.resize(pathParameter(request, 'name'), querySize(request));
  return empty(200);
}

/** A program that Windows cannot start is the exec's own failure; a container that does not run is the request's. */
function isFailureOfProgram(error: unknown): boolean {
  return ['not-found', 'invalid-argument', 'permission-denied', 'unsupported'].some((code) =>
    error instanceof WindowboxError ? error.code === code : false,
  );
}

/** Docker's clients read the reason off the stream, and the exit code by `inspect` afterwards. */
function failedStart(error: unknown, { framed, version }: { framed: boolean; version: string }): HijackReply {
  const line = Buffer.from(`${describeError(error)}\r\n`);
  return {
    kind: 'hijack',
    contentType: framed && hasFeature(version, 'multiplexedContentType') ? multiplexedStream : rawStream,
    serve: (connection) => connection.write(framed ? encodeFrame('stdout', line) : line),
    abandon: () => undefined,
  };
}

function execInspect(view: ExecView): ExecInspect {
  const { settings, state } = view;
  return {
    ID: view.id,
    Running: state.status === 'running',
    ExitCode: state.status === 'exited' ? state.exitCode : null,
    ProcessConfig: {
      tty: settings.terminal,
      entrypoint: view.program,
      arguments: view.args,
      privileged: settings.privileged,
      ...(settings.user ? { user: settings.user } : {}),
    },
    OpenStdin: settings.attachStdin,
    OpenStderr: settings.attachStderr,
    OpenStdout: settings.attachStdout,
    CanRemove: false,
    ContainerID: view.containerId,
    DetachKeys: '',
    Pid: 'pid' in state ? state.pid : 0,
  };
}
