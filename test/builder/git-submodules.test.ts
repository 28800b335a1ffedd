import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ErrorCode, isErrorCode } from '../../src/errors/index.js';
import { readTar, runCommand } from '../../src/platform/index.js';
import { remoteContext } from '../../src/builder/index.js';
import { serveGit } from '../helpers/serve-git.js';
import { until } from '../helpers/until.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-submodules-'));
const scratch = join(folder, 'scratch');
const repositories = join(folder, 'repositories');
mkdirSync(scratch);
let served: Awaited<ReturnType<typeof serveGit>>;
const commits = { libOld: '', lib: '', deep: '' };

before(async () => {
  commits.deep = await commit('deep', { 'deep.txt': 'deep' });
  commits.libOld = await commit('lib', { 'lib.txt': 'old', '.gitmodules': moduleOf('far/deep', '../deep') }, [
    ['far/deep', commits.deep],
  ]);
  commits.lib = await commit('lib', { 'lib.txt': 'new' });
  served = await serveGit(repositories);
  await until(async () => (await tryFiles('deep')) !== undefined);
});
after(() => {
  served.stop();
  rmSync(folder, { recursive: true });
});

test('submodules are read at the commits that are recorded, those in submodules too', async () => {
  await commit('app', { Dockerfile: 'FROM x', '.gitmodules': moduleOf('libs/lib', '../lib') }, [
    ['libs/lib', commits.libOld],
  ]);
  const { '.gitmodules': _, 'libs/lib/.gitmodules': __, ...files } = await filesOf('app');
  assert.deepEqual(files, { Dockerfile: 'FROM x', 'libs/lib/lib.txt': 'old', 'libs/lib/far/deep/deep.txt': 'deep' });
  assert.deepEqual(await filesOf('app', 'main:libs/lib/far'), { 'deep/deep.txt': 'deep' }, 'a folder in a submodule');
  assert.deepEqual(readdirSync(scratch), []);
});

test('a server that gives only what has a name is asked for that', async () => {
  await commit('app-old', { '.gitmodules': moduleOf('lib', '../lib') }, [['lib', commits.libOld]]);
  const old = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: '0' };
  Object.assign(process.env, old);
  try {
    assert.equal((await filesOf('app-old'))['lib/lib.txt'], 'old');
  } finally {
    for (const name of Object.keys(old)) delete process.env[name];
  }
});

test('a submodule outside of the folder that is built, or with "update = none", is not fetched', async () => {
  const gone = `${moduleOf('gone', '../gone')}${moduleOf('left', '../gone')}\tupdate = none\n`;
  await commit('partly', { 'app/a.txt': 'a', '.gitmodules': gone }, [
    ['gone', commits.deep],
    ['left', commits.deep],
  ]);
  assert.deepEqual(await filesOf('partly', 'main:app'), { 'a.txt': 'a' });
  await refused('partly', 'invalid-argument', /not a tree object|not a valid object/u, 'main:left');
  await refused('partly', 'unavailable', /unable to 'git clone' "git:\/\/.*\/gone" for the submodule "gone"/u);
});

test('what a repository keeps out of its releases is in its context', async () => {
  await commit('kept', { '.gitattributes': '* export-ignore export-subst\n', 'a.txt': '$Format:%H$' });
  assert.equal((await filesOf('kept'))['a.txt'], '$Format:%H$');
});

test('a .gitmodules that runs or includes something does neither', async () => {
  const trap = join(folder, 'trap');
  writeFileSync(join(folder, 'included'), `[submodule "x"]\n\turl = ../deep\n`);
  const text = [
    `[include]\n\tpath = ${join(folder, 'included')}\n`,
    `[core]\n\tfsmonitor = "touch ${trap}"\n\thooksPath = ${folder}\n\tsshCommand = touch ${trap}\n`,
    `[submodule "../../.git/hooks"]\n\tpath = deep\n\turl = ../deep\n\tupdate = !touch ${trap}\n`,
  ].join('');
  await commit('runs', { '.gitmodules': text }, [['deep', commits.deep]]);
  assert.equal((await filesOf('runs'))['deep/deep.txt'], 'deep');
  await commit('includes', { '.gitmodules': `${text.split('[core]')[0] ?? ''}[submodule "x"]\n\tpath = deep\n` }, [
    ['deep', commits.deep],
  ]);
  await refused('includes', 'invalid-argument', /No url found for submodule path 'deep' in \.gitmodules/u);
  assert.equal(existsSync(trap), false);
});

const hostile: readonly (readonly [what: string, modules: string, code: ErrorCode, message: RegExp])[] = [
  ['without an entry', '', 'invalid-argument', /No url found for submodule path 'sub' in \.gitmodules/u],
  ['of a damaged file', '[submodule "x', 'invalid-argument', /\.gitmodules cannot be read/u],
  ['of a long file', '#'.repeat(200_000), 'invalid-argument', /has more than 131072 bytes/u],
  ['at a path of this machine', moduleOf('sub', repositories), 'invalid-argument', /a submodule of ".*" is at/u],
  ['at a file address', moduleOf('sub', `file://${repositories}/lib`), 'invalid-argument', /a submodule of/u],
  ['that is a program', moduleOf('sub', 'ext::sh -c id'), 'invalid-argument', /a submodule of/u],
  ['that is an option', moduleOf('sub', '--upload-pack=id'), 'invalid-argument', /a submodule of/u],
];
for (const [what, modules, code, message] of hostile)
  test(`a submodule ${what} is refused`, async () => {
    const name = `hostile-${what.replaceAll(' ', '-')}`;
    await commit(name, { '.gitmodules': modules }, [['sub', commits.deep]]);
    await refused(name, code, message);
  });

test('a submodule whose commit is nowhere is refused, whatever the name of its branch', async () => {
  const none = '1'.repeat(40);
  await commit('nowhere', { '.gitmodules': `${moduleOf('sub', '../lib')}\tbranch = main\n` }, [['sub', none]]);
  await refused('nowhere', 'unavailable', /unable to 'git clone' .* for the submodule "sub"/u);
});

test('a link in the place of .gitmodules, and a submodule in the place of .git, are refused', async () => {
  const entries = [
    ['link', `120000 blob ${await objectOf('link', '../x')}\t.gitmodules`, /no submodule can be at "\.gitmodules"/u],
    ['dotgit', `100644 blob ${await objectOf('dotgit', moduleOf('.GIT', '../lib'))}\t.gitmodules`, /at "\.GIT"/u],
  ] as const;
  for (const [name, entry, message] of entries) {
    const link = `160000 commit ${commits.lib}\t${name === 'link' ? 'sub' : '.GIT'}`;
    const tree = await git(name, ['mktree', '--missing'], `${entry}\n${link}\n`);
    await git(name, ['update-ref', 'refs/heads/main', await git(name, ['commit-tree', '-m', 'x', tree])]);
    await refused(name, 'invalid-argument', message);
  }
});

test('a repository that a submodule of it has in it again ends at a depth', async () => {
  let inner = await commit('loop', { 'a.txt': 'a' });
  for (let depth = 0; depth < 10; depth += 1)
    inner = await commit('loop', { '.gitmodules': moduleOf('again', '../loop') }, [['again', inner]]);
  await refused('loop', 'resource-exhausted', /has too many submodules, or they are too deep/u);
});

function moduleOf(path: string, url: string): string {
  return `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`;
}

/** Changes files of a repository, which is made if need be, with submodules at commits. Answers the new commit. */
async function commit(
  name: string,
  files: Readonly<Record<string, string>>,
  links: readonly (readonly [path: string, commit: string])[] = [],
): Promise<string> {
  await made(name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repositories, name, path)), { recursive: true });
    writeFileSync(join(repositories, name, path), text);
  }
  await git(name, ['add', ...Object.keys(files)]);
  for (const [path, at] of links) await git(name, ['update-index', '--add', '--cacheinfo', `160000,${at},${path}`]);
  await git(name, ['commit', '-qm', 'x']);
  return git(name, ['rev-parse', 'HEAD']);
}

async function objectOf(name: string, text: string): Promise<string> {
  await made(name);
  return git(name, ['hash-object', '-w', '--stdin'], text);
}

async function made(name: string): Promise<void> {
  const place = join(repositories, name);
  if (existsSync(place)) return;
  mkdirSync(place, { recursive: true });
  await git(name, ['init', '-q', '-b', 'main']);
}

async function git(name: string, args: readonly string[], input = ''): Promise<string> {
  const words = ['-C', join(repositories, name), '-c', 'user.name=x', '-c', 'user.email=x@x', ...args];
  return (await runCommand('git', words, { timeoutMs: 20_000, input })).stdout.trim();
}

async function filesOf(name: string, fragment = 'main'): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const remote = `${served.address}/${name}#${fragment}`;
  for await (const { header, body } of readTar(
    remoteContext(remote, { scratch, signal: AbortSignal.timeout(60_000) }),
  )) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    if (header.type === 'file') files[header.name] = Buffer.concat(chunks).toString();
  }
  return files;
}

async function tryFiles(name: string): Promise<Record<string, string> | undefined> {
  return filesOf(name).catch(() => undefined);
}

async function refused(name: string, code: ErrorCode, message: RegExp, fragment = 'main'): Promise<void> {
  await assert.rejects(filesOf(name, fragment), (error) => {
    assert.ok(isErrorCode(error, code), String(error));
    assert.match(String(error), message);
    return true;
  });
  assert.deepEqual(readdirSync(scratch), [], 'nothing of it stays');
}
