import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, type Question, type Verdict } from './decide.js';
import { hostProfile, type ProfileOptions } from './host-profile.js';
import { readImage } from './read-image.js';
import { refusalAtPull, refusalAtStart } from './refusals.js';
import { resolveIsolation } from './resolve-isolation.js';

const nano = (tag: string): string => `mcr.microsoft.com/windows/nanoserver:${tag}`;

function ask(host: string, image: string, options: Partial<Question> & ProfileOptions = {}): Verdict {
  return decide({ ...options, host: hostProfile(host, options), image: readImage(image) });
}

test('1: a Server defaults to process isolation, Windows 10 to Hyper-V isolation', () => {
  assert.deepEqual(resolveIsolation({ host: hostProfile('windows-server-2022'), requested: '' }), {
    isolation: 'process',
    chosenBy: 'host',
  });
  assert.deepEqual(resolveIsolation({ host: hostProfile('windows-10-1909'), requested: 'Default' }), {
    isolation: 'hyperv',
    chosenBy: 'host',
  });
  const execOpts = ['isolation=hyperv'];
  assert.deepEqual(resolveIsolation({ host: hostProfile('ws2022'), requested: '', execOpts }), {
    isolation: 'hyperv',
    chosenBy: 'exec-opts',
  });
  assert.deepEqual(resolveIsolation({ host: hostProfile('ws2022'), requested: 'PROCESS', execOpts }), {
    isolation: 'process',
    chosenBy: 'request',
  });
});

test('2: Windows 10 1903 runs a 1903 image in process isolation', () => {
  assert.equal(ask('windows-10-1903', nano('1903'), { isolation: 'process' }).answer, 'allowed');
});

test('3: Windows 10 1903 refuses a 1809 image in process isolation, with the mismatch error', () => {
  const [host, image] = [hostProfile('windows-10-1903'), readImage(nano('1809'))];
  const refusal = refusalAtStart({ host, image, isolation: 'process', containerId: 'abc' });
  assert.equal(
    refusal?.message,
    'hcs::CreateComputeSystem abc: The container operating system does not match the host operating system.',
  );
  assert.match(refusal.hint ?? '', /docker run --isolation=hyperv mcr\.microsoft\.com\/windows\/nanoserver:1809/u);
});

test('4: Windows 10 1903 runs a 1809 image by default, which is Hyper-V isolation', () => {
  const { isolation, answer } = ask('windows-10-1903', nano('1809'));
  assert.deepEqual({ isolation, answer }, { isolation: 'hyperv', answer: 'allowed' });
});

test('5: Windows 10 1903 refuses a 1909 image in both isolations, and at pull', () => {
  const { modes } = ask('windows-10-1903', nano('1909'));
  assert.deepEqual([modes.process.answer, modes.hyperv.answer], ['refused', 'refused']);
  const refusal = refusalAtPull(hostProfile('windows-10-1903'), readImage(nano('1909')));
  assert.equal(refusal?.message, 'a Windows version 10.0.18363-based image is incompatible with a 10.0.18362 host');
});

test('6: Windows 10 1909 runs a 1903 image in process isolation, and says that Microsoft’s table does not', () => {
  const { answer, warnings } = ask('windows-10-1909', nano('1903'), { isolation: 'process' });
  assert.equal(answer, 'allowed');
  assert.deepEqual(
    warnings.map(({ kind }) => kind),
    ['disputed'],
  );
  const servercore = ask('windows-10-1909', 'mcr.microsoft.com/windows/servercore:1809', { isolation: 'process' });
  assert.deepEqual(
    [servercore.answer, servercore.warnings.map(({ kind }) => kind)],
    ['allowed', ['disputed', 'report']],
  );
});

test('7: Windows 10 1803, and any Windows 10 under Docker 18.09.0, refuses process isolation with Docker’s words', () => {
  const refused =
    (host: string, options: ProfileOptions): (() => unknown) =>
    () =>
      resolveIsolation({ host: hostProfile(host, options), requested: 'process' });
  assert.throws(refused('windows-10-1803', {}), {
    code: 'invalid-argument',
    message: 'Windows client operating systems earlier than version 1809 can only run Hyper-V containers',
  });
  assert.throws(refused('windows-10-1909', { engine: '18.09.0' }), {
    message: 'Windows client operating systems only support Hyper-V containers',
  });
  assert.equal(
    resolveIsolation({ host: hostProfile('windows-10-1909', { engine: '18.09.1' }), requested: 'process' }).isolation,
    'process',
  );
  assert.deepEqual(
    ask('windows-10-1803', nano('1803'), { isolation: 'process' }).refusals.map(({ at }) => at),
    ['create'],
  );
});

test('8: the licence of Windows 10 is for test and development, without a limit on containers', () => {
  assert.equal(
    ask('windows-10-1909', nano('1909'), { purpose: 'development', hypervContainers: 500 }).licence.answer,
    'allowed',
  );
  const production = ask('windows-10-1909', nano('1909'), { purpose: 'production' }).licence;
  assert.equal(production.answer, 'refused');
  assert.match(
    production.conditions.join(' '),
    /Standard with at most two Hyper-V-isolated containers, Datacenter without a limit/u,
  );
});

test('auto takes process where the rules allow it, else hyperv, else the error', () => {
  const auto = (host: string, image: string): unknown =>
    resolveIsolation({ host: hostProfile(host), requested: 'auto', image: readImage(image) });
  assert.deepEqual(auto('ws2022', 'ltsc2022'), { isolation: 'process', chosenBy: 'auto' });
  assert.deepEqual(auto('ws2022', 'ltsc2019'), { isolation: 'hyperv', chosenBy: 'auto' });
  assert.deepEqual(auto('win11', 'ltsc2022'), { isolation: 'process', chosenBy: 'auto' });
  assert.throws(() => auto('ws2019', 'ltsc2022'), { message: /does not match the host operating system/u });
});

test('the host "any" runs every image in both isolations, and none is refused at pull', () => {
  const { modes, defaultIsolation } = ask('any', '10.0.99999.1');
  assert.deepEqual([modes.process.answer, modes.hyperv.answer, defaultIsolation], ['allowed', 'allowed', 'process']);
  assert.equal(refusalAtPull(hostProfile('any'), readImage('10.0.99999.1')), undefined);
});

test('bad exec-opts stop the daemon with Docker’s words', () => {
  const host = hostProfile('ws2022');
  assert.throws(() => resolveIsolation({ host, requested: '', execOpts: ['isolation=vm'] }), {
    message: "invalid exec-opt value for 'isolation':'vm'",
  });
  assert.throws(() => resolveIsolation({ host, requested: '', execOpts: ['x=y'] }), {
    message: "Unrecognised exec-opt 'x=y'\n",
  });
  assert.throws(() => resolveIsolation({ host, requested: 'vm' }), {
    message: "invalid isolation (vm): Windows supports 'default', 'process', or 'hyperv'",
  });
});
