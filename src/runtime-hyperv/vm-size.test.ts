import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vmSize } from './vm-size.js';

const mebibyte = 1024 * 1024;
const none = { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 };
const cases = [
  { why: 'nothing asked for', memory: 0, cpus: 0, host: 8, size: { memory: 1024, processors: 2 } },
  { why: 'a host with one processor', memory: 0, cpus: 0, host: 1, size: { memory: 1024, processors: 1 } },
  { why: '256 MB for the VM itself fit exactly', memory: 256, cpus: 0, host: 2, size: { memory: 512, processors: 2 } },
  { why: 'one MB more is the next 512 MB', memory: 257, cpus: 0, host: 2, size: { memory: 1024, processors: 2 } },
  { why: 'a gigabyte', memory: 1024, cpus: 0, host: 2, size: { memory: 1536, processors: 2 } },
  { why: 'a part of a processor is one', memory: 0, cpus: 0.5, host: 8, size: { memory: 1024, processors: 1 } },
  { why: 'a part more is one more', memory: 0, cpus: 2.5, host: 8, size: { memory: 1024, processors: 3 } },
  { why: 'never more than the host has', memory: 0, cpus: 16, host: 4, size: { memory: 1024, processors: 4 } },
];

for (const { why, memory, cpus, host, size } of cases)
  test(`the size of a VM: ${why}`, () => {
    assert.deepEqual(vmSize({ ...none, memory: memory * mebibyte, nanoCpus: cpus * 1e9 }, host), size);
  });
