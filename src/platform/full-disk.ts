import { statfs } from 'node:fs/promises';
import { describeError, isErrno, WindowboxError } from '../errors/index.js';

export interface FullDisk {
  /** What failed, as a sentence begins: `Cannot load images`. */
  readonly what: string;
  /** Where there was no room. */
  readonly folder: string;
  /** Bytes that it needs at least, where that is known. */
  readonly needs?: number;
}

/** Whether it failed for want of room: of ours, of a program that we ran in English, or of the database. */
export function isDiskFull(error: unknown): boolean {
  if (isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT')) return true;
  return error instanceof WindowboxError && /no space left on device|disk quota exceeded/iu.test(describeError(error));
}

/** Our environment, but for the language of messages: so that {@link isDiskFull} knows what a program says of a full disk. */
export function englishEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C' };
}

/** The error that says what found no room, where, how much there is, and what to do. To be made after the clean-up. */
export async function describeFullDisk(cause: unknown, { what, folder, needs = 0 }: FullDisk): Promise<WindowboxError> {
  const { bavail, bsize, ffree, files } = await statfs(folder);
  const free = bavail * bsize;
  const more = needs > free ? `${megabytes(needs)} and more are needed` : 'more is needed';
  const fewFiles = files > 0 && ffree < files / 20 ? `and room for ${String(ffree)} files ` : '';
  return new WindowboxError(
    'resource-exhausted',
    `${what}: no space left on device: "${folder}" has ${megabytes(free)} ${fewFiles}free, ${more}`,
    {
      hint: 'Nothing of it was kept. Free some space on that disk ("windowbox system df" tells what Windowbox holds, "windowbox system prune" removes what is not used), and try again.',
      cause,
    },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
