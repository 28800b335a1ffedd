import type { RuntimeParts } from '../platform/index.js';

/** What the Hyper-V runtime needs to know of its machine. */
export interface HypervRuntimeOptions {
  /** Folder for what lives as long as a VM runs; made if missing. `hyperv/` below it is ours. */
  readonly run: string;
  /** Folder for images and templates, which can all be made again; made if missing. */
  readonly cache: string;
  /** The runtime's parts. Layers below the folder that they are in are base layers: every VM shares one image of each. */
  readonly parts: RuntimeParts;
  /** `kvm` only where a guest has really booted on it. Asked once, at the first VM: finding out may take seconds. */
  readonly accelerator: () => Promise<Accelerator>;
  /** QEMU: a name or a path; default `qemu-system-x86_64`. */
  readonly qemu?: string;
  /** Where our cgroups are, with a leading slash; default `/windowbox`. */
  readonly cgroupParent?: string;
  /** A guest that does not answer for this long hangs, and its container ends; default 90 s: far more than the slowest act takes. */
  readonly patienceMs?: number;
  /** Told how long each part of a start took, for benches: QEMU up, its state loaded, the copy made its own, its agent answering. */
  readonly onPhase?: (phase: StartPhase, milliseconds: number) => void;
  /** Takes what nobody waits for: a template that is made, a failed clean-up, a diagnostic of the guest. */
  readonly log?: (message: string) => void;
}

export type StartPhase = 'launch' | 'restore' | 'begin' | 'agent';

export type Accelerator = 'kvm' | 'tcg';
