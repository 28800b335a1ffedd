import type { ProgressMessage } from '../../../docker-api/index.js';

/** What the utility VMs of Hyper-V isolation start from. */
export interface TemplateBackend {
  /** `shared`: bytes of the disk images that templates have in common. */
  list(): Promise<{ readonly templates: readonly Template[]; readonly shared: number }>;
  /**
   * Makes those of these bases, each `product:tag` or a full name; without any: of the images that are there, and where there are none
   * of the host's own Windows. `id` of a message is the base, `aux` of its last one tells whether it was made and in which time.
   */
  make(bases: readonly string[], signal: AbortSignal): AsyncIterable<ProgressMessage>;
  prune(options: { readonly all: boolean }): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>;
}

/** Sizes in bytes, times in milliseconds since 1970. */
export interface Template {
  readonly id: string;
  readonly base: string;
  /** Mebibytes. */
  readonly memory: number;
  readonly processors: number;
  readonly size: number;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly users: number;
  readonly stale: boolean;
}
