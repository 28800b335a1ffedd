import type { Database, Paths } from '../platform/index.js';
import type { Isolation, Runtime, SandboxNetwork } from '../runtime/index.js';
import type { ContainerSettings, EndpointSettings, EndpointView, Healthcheck, PortBinding } from './types.js';

/** What the engine needs from the rest; `daemon/` gives it. The engine never learns which runtime or image store it has. */
export interface EngineDependencies {
  readonly paths: Paths;
  readonly database: Database;
  /** The runtime of a mode; undefined where this daemon has none. */
  readonly runtime: (isolation: Isolation) => Runtime | undefined;
  readonly images: EngineImages;
  readonly rules: EngineRules;
  readonly network: EngineNetwork;
  readonly logger: EngineLogger;
}

export interface EngineImages {
  /**
   * @param platform `--platform`, as the user wrote it.
   * @throws WindowboxError `invalid-argument` for what is no reference, `not-found` "No such image: x:tag", also for another platform.
   */
  resolve(reference: string, platform?: string): Promise<EngineImage>;
  /** The image's folders, topmost first, ready to be mounted. */
  layersOf(imageId: string): Promise<readonly string[]>;
  /** An image with a holder is not removed. */
  hold(imageId: string, holder: string): void;
  release(imageId: string, holder: string): void;
  /** Everyone that holds an image, those included that an earlier daemon forgot to release. */
  holders(): readonly string[];
}

export interface EngineImage {
  readonly id: string;
  /** The familiar name that led to it, for events and lists. */
  readonly name: string;
  /** `10.0.26100.1`; empty: unknown. */
  readonly osVersion: string;
  readonly config: ImageProcessConfig;
}

export interface ImageProcessConfig {
  readonly user: string;
  readonly env: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly argsEscaped: boolean;
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly healthcheck: Healthcheck | undefined;
  readonly stopSignal: string;
  readonly shell: readonly string[] | undefined;
}

export interface EngineRules {
  /**
   * Which mode a container gets: Docker's refusals of a mode at create.
   *
   * @throws WindowboxError `invalid-argument` with Docker's text.
   */
  isolationAtCreate(request: RulesRequest): Isolation;
  /** Refuses, at start, an image that this host does not run in this mode: `invalid-argument` with Docker's text and our ways out. */
  checkAtStart(request: RulesRequest & { readonly containerId: string; readonly isolation: Isolation }): void;
}

export interface RulesRequest {
  readonly image: string;
  readonly osVersion: string;
  /** As the user asked: empty, `default`, `process`, `hyperv`, `auto`, in any case. */
  readonly requested: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface EngineNetwork {
  /** Checks the network settings at create. @throws WindowboxError `not-found` "network x not found" and others. */
  check(settings: ContainerSettings): void;
  /** Connects a container that is about to start, in this network namespace when it has one already. */
  connect(container: NetworkClient, namespace?: string): Promise<NetworkConnection>;
  /** Lets go of everything of this container, port bindings included. Idempotent. */
  disconnect(containerId: string): Promise<void>;
  /** One more network for a container that runs; answers its endpoint there. */
  join(container: NetworkClient, network: string, endpoint: EndpointSettings): Promise<EndpointView>;
  /** @throws WindowboxError `not-found` when the container is not in it. */
  leave(containerId: string, network: string): Promise<void>;
  /** What the container has received and sent, by endpoint id. */
  traffic(containerId: string): Promise<ReadonlyMap<string, NetworkTraffic>>;
  /** Where a container that runs is now. */
  current(container: NetworkClient): NetworkConnection;
  /** The container answers to another name from now on. */
  rename(containerId: string, name: string): void;
}

export interface NetworkClient {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly isolation: Isolation;
  readonly settings: ContainerSettings;
  readonly exposedPorts: readonly string[];
}

export interface NetworkTraffic {
  readonly received: TrafficCount;
  readonly sent: TrafficCount;
}

export interface TrafficCount {
  readonly bytes: number;
  readonly packets: number;
  readonly dropped: number;
}

export interface NetworkConnection {
  readonly sandbox: SandboxNetwork;
  readonly endpoints: Readonly<Record<string, EndpointView>>;
  readonly ports: Readonly<Record<string, readonly PortBinding[]>>;
}

export interface EngineLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
