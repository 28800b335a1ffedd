import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ListedEntry, listingEnd, listingLine } from '../../../docker-api/index.js';
import { isErrorCode } from '../../../errors/index.js';
import { splitListing } from './split-listing.js';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(text: string, size: number): Promise<{ entries: ListedEntry[]; rest: string }> {
  const { entries, contents } = splitListing(inPieces(text, size));
  const all: ListedEntry[] = [];
  for await (const some of entries) all.push(...some);
  let rest = '';
  for await (const chunk of contents) rest += Buffer.from(chunk).toString();
  return { entries: all, rest };
}

const list: readonly ListedEntry[] = [
  { type: 'folder', path: 'ä\n"b', modified: -1 },
  { type: 'file', path: 'ä\n"b/c', modified: 2, size: 3, isReadOnly: true, stamp: '1:2' },
  { type: 'symlink', path: 'l', modified: 4, linkName: '\n\n' },
];

test('a list and what follows come apart, wherever the pieces end', async () => {
  const text = list.map(listingLine).join('') + listingEnd;
  for (const size of [1, 2, 3, 7, 1000])
    assert.deepEqual(await readAll(`${text}the\n\nrest`, size), { entries: list, rest: 'the\n\nrest' });
  assert.deepEqual(await readAll('\nrest', 1), { entries: [], rest: 'rest' });
});

const wrong = [
  ['', 'does not end'],
  ['["d","a",1]\n', 'does not end'],
  ['{}\n\n', '"{}"'],
  ['x\n\n', '"x"'],
  ['["d","a"]\n\n', 'Cannot read'],
  ['["f","a",1,-1,0,""]\n\n', 'Cannot read'],
  ['["f","a",1,1e99,0,""]\n\n', 'Cannot read'],
  [`["f","a",1,1,0,"${'s'.repeat(201)}"]\n\n`, 'Cannot read'],
  ['x'.repeat(100_000), 'a line has more than'],
] as const;
for (const [text, reason] of wrong)
  test(`a list that begins with ${text.slice(0, 25)} is refused`, async () => {
    await assert.rejects(
      readAll(text, 1 << 15),
      (error) => isErrorCode(error, 'invalid-argument') && error.message.includes(reason),
    );
  });
