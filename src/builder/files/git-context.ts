import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { addSubmodules } from './git-submodules.js';
import { fetchCommit, type GitStore, runGit, streamGit } from './git-store.js';
import type { RemoteOptions } from './remote-context.js';

/**
 * The files of a git repository (`…git#REF:FOLDER`) with those of its submodules, as a tar. Without a working copy: nothing of the repository is run
 * or laid down here.
 *
 * @throws WindowboxError (while reading) `invalid-argument` for a reference or a submodule that cannot be, `unavailable` when it cannot be read.
 */
export async function* gitContext(remote: string, { scratch, signal }: RemoteOptions): AsyncGenerator<Uint8Array> {
  const [address = '', fragment = ''] = remote.split('#', 2);
  const [ref = '', folder = ''] = fragment.split(':', 2);
  if ([ref, folder].some((part) => /^-|\.\.|[\s\0]/u.test(part)))
    throw new WindowboxError('invalid-argument', `unable to prepare context: invalid reference "${fragment}"`);
  const url = address.startsWith('github.com/') ? `https://${address}` : address;
  const store: GitStore = { folder: await mkdtemp(join(scratch, 'git-')), signal };
  try {
    await runGit(store, ['init', '-q', '--bare', '--template=', store.folder]);
    // What a repository leaves out of its releases, or changes for them, is in a clone of it as it is.
    await mkdir(join(store.folder, 'info'));
    await writeFile(join(store.folder, 'info/attributes'), '* -export-ignore -export-subst\n');
    const commit = await fetchCommit(store, { url, reference: ref === '' ? 'HEAD' : ref, what: `"${url}"` });
    const whole = await addSubmodules(store, { url, commit, folder: folder.replaceAll(/^\/+|\/+$/gu, '') });
    const tree = folder === '' ? whole : `${whole}:${folder}`;
    yield* streamGit(store, ['archive', '--format=tar', tree]);
  } finally {
    await rm(store.folder, { recursive: true, force: true });
  }
}
