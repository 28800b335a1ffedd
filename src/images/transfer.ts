import type { Credentials } from '../credentials/index.js';

/** One line of progress, in Docker's words and fields. */
export interface TransferProgress {
  readonly status: string;
  /** Of a layer: twelve digits; of the whole: the tag. */
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: Readonly<Record<string, unknown>>;
}

export type Report = (progress: TransferProgress) => void;

export interface PullOptions {
  /** `--platform`. */
  readonly platform?: string;
  /** undefined: what the user's Docker configuration has. */
  readonly credentials?: Credentials;
  readonly report?: Report;
  readonly signal?: AbortSignal;
}

export interface PushOptions {
  readonly credentials?: Credentials;
  readonly report?: Report;
  readonly signal?: AbortSignal;
}
