import * as v from 'valibot';
import { endpointSettingsSchema } from './container-create.js';
import { dictionary, flag, maybeFlag, pointer, struct, text, textMap, texts } from './go-fields.js';

/** The smaller request bodies: exec, networks, volumes, auth. */
const consoleSize = pointer(v.array(v.pipe(v.number('uint'), v.safeInteger('uint')), '[2]uint'));

export const createExecSchema = struct({
  User: text,
  Privileged: flag,
  Tty: flag,
  ConsoleSize: consoleSize,
  AttachStdin: flag,
  AttachStderr: flag,
  AttachStdout: flag,
  Detach: flag,
  DetachKeys: text,
  Env: texts,
  WorkingDir: text,
  Cmd: texts,
});

export const startExecSchema = struct({ Detach: flag, Tty: flag, ConsoleSize: consoleSize });

const ipamPool = struct({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: textMap });

export const createNetworkSchema = struct({
  Name: text,
  CheckDuplicate: flag,
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: pointer(struct({ Network: text })),
  IPAM: pointer(struct({ Driver: text, Options: textMap, Config: v.nullish(v.array(ipamPool, '[]IPAMConfig'), []) })),
  EnableIPv4: maybeFlag,
  EnableIPv6: maybeFlag,
  Options: textMap,
  Labels: textMap,
});

export const connectNetworkSchema = struct({ Container: text, EndpointConfig: pointer(endpointSettingsSchema) });

export const disconnectNetworkSchema = struct({ Container: text, Force: flag });

export const createVolumeSchema = struct({
  Name: text,
  Driver: text,
  DriverOpts: textMap,
  Labels: textMap,
  ClusterVolumeSpec: v.optional(v.unknown()),
});

/** `POST /auth`, and what `X-Registry-Auth` holds. */
export const authSchema = struct({
  username: text,
  password: text,
  auth: text,
  email: text,
  serveraddress: text,
  identitytoken: text,
  registrytoken: text,
});

/** What `X-Registry-Config` holds: one for each registry. */
export const authMapSchema = dictionary(authSchema, 'map[string]AuthConfig');

export type CreateExecBody = v.InferOutput<typeof createExecSchema>;
export type CreateNetworkBody = v.InferOutput<typeof createNetworkSchema>;
export type CreateVolumeBody = v.InferOutput<typeof createVolumeSchema>;
export type AuthBody = v.InferOutput<typeof authSchema>;
