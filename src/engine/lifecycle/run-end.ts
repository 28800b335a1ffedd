/** How a container's own program ended. */
export interface RunEnd {
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  readonly error: string;
}

/** What Docker on Windows shows of a container that was terminated: -1 as 32 unsigned bits. */
export const killedExitCode = 0xffff_ffff;
