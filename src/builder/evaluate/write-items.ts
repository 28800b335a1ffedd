import { type Build, warnOnce } from './build-state.js';
import { type CopyItem, copyLayer } from './copy-layer.js';
import { bringFiles, type SelectedFile, type Selection, selectFiles } from './select-files.js';
import { openArchive } from './unpack-archive.js';

/** What a COPY or ADD writes. */
export interface WriteItems {
  readonly selections: readonly Selection[];
  /** Unpacked into the destination. */
  readonly archives: readonly SelectedFile[];
  readonly contents: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** The destination's names on C:. */
  readonly top: readonly string[];
  readonly isFolder: boolean;
  /** For what archives hold. */
  readonly scratch: string;
}

/** The layer of a COPY or ADD, as an unpacked tar stream. */
export async function* writeItems(build: Build, step: WriteItems): AsyncGenerator<Uint8Array> {
  const { top, isFolder } = step;
  const items: CopyItem[] = [];
  for (const { kind, name, files, under } of step.selections) {
    const place = [...top, ...under];
    const into = kind === 'file' && isFolder ? [...place, name] : place;
    if (kind === 'folder') items.push({ parts: place, folder: true });
    for (const from of files) items.push({ parts: [...into, ...from.place], from });
  }
  for (const { name, bytes } of step.contents) items.push({ parts: isFolder ? [...top, name] : top, content: bytes });
  await bringFiles([...step.selections.flatMap(({ files }) => files), ...step.archives], 'content');
  const close: (() => void)[] = [];
  try {
    for (const archive of step.archives) {
      const tree = await openArchive(archive, step.scratch);
      close.push(() => {
        tree.close();
      });
      tellLeftOut(build, archive, tree.leftOut);
      const [all] = selectFiles({ tree, source: '', ignoreCase: false, excluded: () => false });
      items.push({ parts: top, folder: true });
      for (const from of all?.files ?? []) items.push({ parts: [...top, ...from.place], from });
    }
    yield* copyLayer(items);
  } finally {
    for (const act of close) act();
  }
}

/** Docker on Windows leaves them out without a word. */
function tellLeftOut(build: Build, archive: SelectedFile, names: readonly string[]): void {
  if (names.length === 0) return;
  const some = names.slice(0, 3).map((name) => JSON.stringify(name));
  const more = names.length > some.length ? ` and ${String(names.length - some.length)} more` : '';
  const from = archive.path.at(-1) ?? 'an archive';
  warnOnce(build, `ADD leaves out of ${from} what Windows has no kind of file for: ${some.join(', ')}${more}`);
}
