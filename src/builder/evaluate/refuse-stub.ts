import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { folderTree } from '../files/folder-tree.js';
import { placeInTree } from '../mounts/place-in-tree.js';
import type { Build, Stage } from './build-state.js';

/**
 * Wine's own powershell.exe does nothing and says that all went well: a step that ran it would be an image without what the step is for.
 *
 * @throws WindowboxError `unsupported` where a command runs it and the image has no other.
 */
export async function refuseStub(build: Build, stage: Stage, commandLine: string): Promise<void> {
  if (!runsPowerShell.test(commandLine)) return;
  const mounted = await build.host.mount(stage.imageId);
  try {
    const tree = folderTree(join(mounted.path, 'drive_c'));
    const { found, whole } = placeInTree(tree, stubPlace, true);
    if (!whole) return;
    for await (const head of tree.read(found)) {
      if (Buffer.from(head.subarray(0, 256)).includes('Wine ')) break;
      return;
    }
  } finally {
    await mounted.release();
  }
  throw new WindowboxError(
    'unsupported',
    `Cannot run "${commandLine.slice(0, 200)}": Windows PowerShell is not in this base`,
    {
      hint: 'Use cmd (SHELL ["cmd", "/S", "/C"]), or a program that the context brings, PowerShell 7 (pwsh) among them.',
    },
  );
}

/** Where a command stands: at the beginning, after a shell's own flag, and after what joins commands. */
const runsPowerShell = /(?:^|\/[ck]\s+"?|[&|(]\s*)"?(?:[^\s"&|(]*\\)?powershell(?:\.exe)?(?=["\s]|$)/iu;
const stubPlace = ['Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe'];
