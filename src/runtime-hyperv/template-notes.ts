import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `about.json` in a template's folder: what it was made of, so that it can be listed and told from one that fits no more. */
export interface TemplateNotes {
  readonly version: 1;
  readonly machine: string;
  /** Names of the base's folders, topmost first. */
  readonly bases: readonly string[];
  /** Names of its disk images. */
  readonly images: readonly string[];
  /** Mebibytes. */
  readonly memory: number;
  readonly processors: number;
}

const name = 'about.json';

export async function writeTemplateNotes(folder: string, notes: TemplateNotes): Promise<void> {
  await writeFile(join(folder, name), JSON.stringify(notes), { flush: true });
}

/** Undefined when there are none that can be read: a template of another version of Windowbox. */
export async function readTemplateNotes(folder: string): Promise<TemplateNotes | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
    return areNotes(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function areNotes(value: unknown): value is TemplateNotes {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'images' in value;
}
