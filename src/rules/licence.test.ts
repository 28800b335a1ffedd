import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostProfile } from './host-profile.js';
import { judgeLicence, type LicenceQuestion } from './licence.js';

/** Host, edition, isolation, purpose, count of Hyper-V containers, answer. */
const rows: readonly (readonly [
  string,
  string,
  LicenceQuestion['isolation'],
  LicenceQuestion['purpose'],
  number,
  string,
])[] = [
  ['windows-10-1909', 'Pro', 'process', 'development', 1, 'allowed'],
  ['windows-10-1909', 'Enterprise', 'hyperv', 'development', 99, 'allowed'],
  ['windows-10-1909', 'Pro', 'hyperv', 'production', 1, 'refused'],
  ['windows-11-24h2', 'Enterprise', 'process', 'production', 1, 'refused'],
  ['windows-11-24h2', 'Pro', 'process', undefined, 1, 'allowed'],
  ['windows-10-1809', 'IoT Enterprise', 'process', 'production', 1, 'conditional'],
  ['windows-10-1809', 'IoT Core', 'process', 'development', 1, 'allowed'],
  ['windows-server-2022', 'Standard', 'process', 'production', 99, 'allowed'],
  ['windows-server-2022', 'Standard', 'hyperv', 'production', 2, 'allowed'],
  ['windows-server-2022', 'Standard', 'hyperv', 'production', 3, 'refused'],
  ['windows-server-2022', 'Standard', 'hyperv', 'development', 3, 'refused'],
  ['windows-server-2022', 'Datacenter', 'hyperv', 'production', 1000, 'allowed'],
  ['windows-server-2022', 'Datacenter', 'process', 'production', 1000, 'allowed'],
];

test('the licence follows edition, purpose, isolation and count', () => {
  for (const [id, edition, isolation, purpose, hypervContainers, answer] of rows) {
    const verdict = judgeLicence({ host: hostProfile(id, { edition }), isolation, purpose, hypervContainers });
    assert.equal(verdict.answer, answer, `${id} ${edition} ${isolation} ${String(purpose)}`);
    assert.ok(verdict.conditions.length > 0);
  }
});
