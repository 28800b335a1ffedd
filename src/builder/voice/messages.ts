/** A line of Docker's build stream, or what a client that shows steps gets in its place. */
export type BuildMessage =
  | { readonly stream: string }
  | { readonly aux: { readonly ID: string } }
  | { readonly step: StepEvent }
  /** Files that a client is to send, by their numbers in its list; none: that was all of them. */
  | { readonly wanted: readonly number[] };

/** A step's life, as BuildKit's clients show it. Steps of stages that are built at the same time come mixed; `step` tells them apart. */
export type StepEvent =
  | { readonly state: 'begun'; readonly step: number; readonly name: string }
  | { readonly state: 'log'; readonly step: number; readonly text: string }
  | { readonly state: 'cached' | 'done' | 'cancelled'; readonly step: number }
  | { readonly state: 'failed'; readonly step: number; readonly error: string; readonly excerpt: string }
  /** Of the build as a whole. */
  | { readonly state: 'warning'; readonly text: string };

export type Say = (message: BuildMessage) => void;
