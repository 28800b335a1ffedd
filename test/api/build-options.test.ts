import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inject } from '../helpers/inject.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

let daemon: TestDaemon;
before(async () => {
  daemon = await startTestDaemon();
});
after(() => daemon.close());

const refusals: readonly (readonly [query: string, message: string])[] = [
  ['memswap=-1', 'invalid option: Windows does not support MemorySwap'],
  ['cpuperiod=1000', 'invalid option: Windows does not support CPUPeriod'],
  ['cpusetcpus=0-1', 'invalid option: Windows does not support CpusetCpus'],
  ['cpusetmems=1', 'invalid option: Windows does not support CpusetMems'],
  ['cgroupparent=x', 'invalid option: Windows does not support CgroupParent'],
  ['ulimits=[{"Name":"nofile","Soft":1,"Hard":1}]', 'invalid option: Windows does not support Ulimits'],
  ['cpushares=10001', 'range of CPUShares is from 1 to 10000'],
  ['squash=1', 'squash is only supported with experimental mode'],
  // What the official client sends for nothing.
  ['memory=0&memswap=0&cpushares=0&cpuperiod=0&cpuquota=0&cpusetcpus=&cpusetmems=&cgroupparent=&ulimits=null', ''],
];
for (const [query, message] of refusals)
  test(`a build with ${query} ${message === '' ? 'is taken' : `answers "${message}"`}`, async () => {
    const answer = await inject(daemon.app, 'POST', `/v1.44/build?${query}`);
    // Without a context the Dockerfile is what is missed.
    const expected = message === '' ? 'Cannot locate specified Dockerfile: Dockerfile' : message;
    assert.equal(await textOf(answer), expected);
  });

async function textOf(answer: Awaited<ReturnType<typeof inject>>): Promise<string> {
  if (answer.kind === 'json') return (answer.value as { message: string }).message;
  assert.ok(answer.kind === 'stream');
  let text = '';
  for await (const chunk of answer.chunks) text += String(chunk);
  return (JSON.parse(text.trim().split('\r\n').at(-1) ?? '') as { error: string }).error;
}
