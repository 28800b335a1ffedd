import type { Engine } from '../../../engine/index.js';
import type { HostInfo } from '../../../rules/index.js';
import type { ContainerBackend } from '../containers/backend.js';
import type { ImageBackend } from '../images/backend.js';
import type { RegistryAuth } from '../images/registry-auth.js';
import type { VolumeBackend } from '../volumes/backend.js';

/** What the system routes need of the rest. */
export interface SystemBackend {
  readonly containers: Pick<ContainerBackend, 'list'>;
  readonly images: Pick<ImageBackend, 'list' | 'buildCache'>;
  readonly volumes: Pick<VolumeBackend, 'usage'>;
  readonly events: Engine['events'];
  /** Asked anew for each request: the host profile can change. */
  facts(): SystemFacts;
  /** Tries a login at a registry; an empty token: the password stays the login. @throws WindowboxError `unauthenticated`. */
  login(auth: RegistryAuth, signal: AbortSignal): Promise<{ readonly identityToken: string }>;
}

/** What `info` and `version` say of this machine and daemon. */
export interface SystemFacts {
  /** Lasts as long as the daemon's state. */
  readonly id: string;
  readonly hostName: string;
  /** Of Windowbox. */
  readonly version: string;
  readonly commit: string;
  /** ISO 8601; empty: unknown. */
  readonly builtAt: string;
  /** The Windows that the daemon presents. */
  readonly host: HostInfo;
  readonly processors: number;
  /** Bytes. */
  readonly memory: number;
  readonly rootFolder: string;
  readonly labels: readonly string[];
  readonly debug: boolean;
  readonly warnings: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly insecureRegistries: readonly string[];
}
