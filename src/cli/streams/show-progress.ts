import type { ProgressMessage } from '../../docker-api/index.js';
import { WindowboxError } from '../../errors/index.js';
import { formatDecimalSize } from '../format/sizes.js';
import { jsonLines } from './json-lines.js';
import { print, printError } from './print.js';

export interface ProgressOptions {
  readonly to: 'stdout' | 'stderr';
  /** A terminal gets one line an id that changes in place; anything else gets each new status once, and no bars. */
  readonly terminal: boolean;
  readonly quiet?: boolean;
  readonly onAux?: (aux: unknown) => void;
}

/**
 * Shows what a pull, push, load or build reports, as Docker's CLI shows it.
 *
 * @throws WindowboxError `internal` with the daemon's text when the last line is an error.
 */
export async function showProgress(source: AsyncIterable<Uint8Array>, options: ProgressOptions): Promise<void> {
  const say = options.to === 'stdout' ? print : printError;
  const rows = new Map<string, number>();
  for await (const message of jsonLines<ProgressMessage>(source)) {
    if (message.error !== undefined || message.errorDetail !== undefined)
      throw new WindowboxError('internal', message.errorDetail?.message ?? message.error ?? 'unknown error', {
        cause: message.errorDetail?.code,
        ...(message.errorDetail?.hint === undefined ? {} : { hint: message.errorDetail.hint }),
      });
    if (message.aux !== undefined) {
      options.onAux?.(message.aux);
      continue;
    }
    if (options.quiet === true) continue;
    const text = options.terminal ? terminalText(message, rows) : plainText(message);
    if (text !== '') say(text);
  }
}

function plainText(message: ProgressMessage): string {
  if (message.stream !== undefined) return message.stream;
  if (message.status === undefined || hasBar(message)) return '';
  return `${message.id === undefined ? '' : `${message.id}: `}${message.status}\n`;
}

/** Moves up to the id's own row, replaces it, and comes back down. */
function terminalText(message: ProgressMessage, rows: Map<string, number>): string {
  if (message.id === undefined || message.status === undefined) {
    if (message.stream === undefined && message.status !== undefined) rows.clear();
    return message.stream ?? (message.status === undefined ? '' : `${message.status}\n`);
  }
  const line = `${message.id}: ${message.status}${bar(message)}`;
  const row = rows.get(message.id);
  if (row === undefined) {
    rows.set(message.id, rows.size);
    return `${line}\n`;
  }
  const up = rows.size - row;
  return `\u001B[${String(up)}A\r\u001B[2K${line}\r\u001B[${String(up)}B`;
}

function hasBar({ progress, progressDetail }: ProgressMessage): boolean {
  return progress !== undefined || (progressDetail?.total ?? 0) > 0;
}

function bar({ progress, progressDetail }: ProgressMessage): string {
  if (progress !== undefined) return ` ${progress}`;
  const { current = 0, total = 0 } = progressDetail ?? {};
  if (total <= 0) return current > 0 ? ` ${formatDecimalSize(current)}` : '';
  const filled = Math.min(50, Math.floor((current / total) * 50));
  const arrow = filled < 50 ? '>' : '';
  const blocks = `${'='.repeat(filled)}${arrow}`.padEnd(50);
  return ` [${blocks}] ${formatDecimalSize(current).padStart(8)}/${formatDecimalSize(total)}`;
}
