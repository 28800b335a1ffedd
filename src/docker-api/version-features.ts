import { isAtLeast } from './api-version.js';

/**
 * What differs between versions of the API, each with the version that brought (or, where it says so, ended) it. Handlers ask here
 * and nowhere else, so that this table is the whole list. Source: the API's version history.
 */
const since = {
  /** `HostConfig.AutoRemove` is the daemon's work; before, the client removed. */
  autoRemove: '1.25',
  /** `attach/ws` sends binary messages. */
  binaryWebSocket: '1.28',
  /** `wait` knows conditions, and sends its head at once. */
  waitConditions: '1.30',
  /** `platform` of `create`; `one-shot` of `stats`. */
  createPlatform: '1.41',
  oneShotStats: '1.41',
  /** `application/vnd.docker.multiplexed-stream`. */
  multiplexedContentType: '1.42',
  /** `signal` of `stop` and `restart`. */
  stopSignal: '1.42',
  /** `ConsoleSize` of exec. */
  execConsoleSize: '1.42',
  /** Options of another mount's type are an error. */
  strictMountOptions: '1.42',
  /** `attach/ws` looks at `stdin`, `stdout`, `stderr`. */
  webSocketStreams: '1.42',
  /** `type` of `system/df`. */
  diskUsageTypes: '1.42',
  /** `volumes/prune` removes anonymous volumes only. */
  pruneAnonymousOnly: '1.42',
  annotations: '1.43',
  /** `Healthcheck.StartInterval`; several networks at `create`. */
  startInterval: '1.44',
  severalNetworks: '1.44',
  /** `VirtualSize` of images is gone. */
  withoutVirtualSize: '1.44',
  listAnnotations: '1.46',
  imageCreateEvents: '1.46',
  endpointPriority: '1.48',
  networkEnableIPv4: '1.48',
  /** `Expected` of commits in `info` is gone. */
  withoutExpectedCommits: '1.49',
  /** Container fields in an image's `Config` are gone; `BridgeNfIptables` of `info` too. */
  leanImageConfig: '1.50',
  withoutBridgeNf: '1.50',
  /** `Containers` of the image list is counted. */
  imageContainerCount: '1.51',
  /** The address of the default network in `NetworkSettings` itself is gone. */
  withoutDefaultNetworkFields: '1.52',
  /** `Accept` chooses the format of events. */
  eventFormats: '1.52',
  /** `os_type` of stats, `Health` of the container list. */
  statsOsType: '1.52',
  listHealth: '1.52',
  /** `ImageUsage` and its like in `system/df`. */
  diskUsageSummaries: '1.52',
  leanImageInspect: '1.52',
} as const;

export type ApiFeature = keyof typeof since;

/** True when this version of the API has the feature. */
export function hasFeature(version: string, feature: ApiFeature): boolean {
  return isAtLeast(version, since[feature]);
}
