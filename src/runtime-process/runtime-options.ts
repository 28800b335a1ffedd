/** Whoever connects networks, as it makes network namespaces ahead. */
export interface NamespaceLender {
  /** The file of a new one. It is the borrower's until a network is connected in it, or it is given back. */
  lend(): Promise<string>;
  /** Removes it. Idempotent; one that a network was connected in stays. */
  giveBack(path: string): Promise<void>;
}

/** What the process runtime needs to know of its machine. */
export interface ProcessRuntimeOptions {
  /** Folder for what lives as long as a container runs; made if missing. `sandboxes/` and `runc/` below it are ours. */
  readonly run: string;
  /** Folder for the layers of prepared sandboxes, on the file system of the containers' own layers. */
  readonly prepared: string;
  /** A Debian tree with Wine; only its /usr and /etc are used. */
  readonly runtimeRoot: string;
  /** Holds `windowbox-init` and `agent.exe`. */
  readonly guestFolder: string;
  /** The OCI runtime: a name or a path; default `runc`. */
  readonly ociRuntime?: string;
  /** The cgroup that holds the containers' own, below each hierarchy's root; default `/windowbox`. */
  readonly cgroupParent?: string;
  /** Namespaces for sandboxes that are prepared. Without them a prepared sandbox is for containers without a network only. */
  readonly namespaces?: NamespaceLender;
  /** Keep one sandbox ready for the base last used; default true. */
  readonly prepare?: boolean;
  /** Takes what nobody waits for: a failed clean-up, a diagnostic of the guest. */
  readonly log?: (message: string) => void;
}
