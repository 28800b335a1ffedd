import type { Metrics } from '../../http/metrics.js';
import type { ContainerBackend } from './backend.js';

/** What the container handlers work with. */
export interface ContainerContext {
  readonly containers: ContainerBackend;
  readonly metrics: Metrics;
  /** Of the host: the bound of `--cpus`, and `num_procs` of stats. */
  readonly processors: () => number;
}
