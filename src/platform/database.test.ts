import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { openDatabase, readNumber, readText } from './database.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-database-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const migrations = ["CREATE TABLE a (x TEXT NOT NULL);\nINSERT INTO a VALUES ('one');"];

test('what was written is there after the file is opened again, and a migration runs once', () => {
  const path = join(folder, 'again.db');
  const first = openDatabase(path, migrations);
  first.run('INSERT INTO a VALUES (?)', 'two');
  first.close();
  const second = openDatabase(path, [...migrations, 'ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7;']);
  const rows = second.all('SELECT x, y FROM a ORDER BY x');
  assert.deepEqual(
    rows.map((row) => [readText(row, 'x'), readNumber(row, 'y')]),
    [
      ['one', 7],
      ['two', 7],
    ],
  );
  second.close();
});

test('a transaction that throws leaves nothing, a nested one included', () => {
  const database = openDatabase(join(folder, 'rollback.db'), migrations);
  assert.throws(() => {
    database.transaction(() => {
      database.transaction(() => database.run('INSERT INTO a VALUES (?)', 'lost'));
      throw new Error('stop');
    });
  }, /stop/u);
  assert.equal(database.get('SELECT x FROM a WHERE x = ?', 'lost'), undefined);
  database.close();
});

test('a file that is no database, and a damaged one, are data loss with a way out', () => {
  const text = join(folder, 'text.db');
  writeFileSync(text, 'this is no database\n'.repeat(300));
  assert.throws(
    () => openDatabase(text, migrations),
    (error) => isErrorCode(error, 'data-loss') && error.hint !== undefined,
  );

  const torn = join(folder, 'torn.db');
  const database = openDatabase(torn, migrations);
  database.transaction(() => {
    for (let index = 0; index < 2000; index += 1) database.run('INSERT INTO a VALUES (?)', 'y'.repeat(100));
  });
  database.close();
  const bytes = readFileSync(torn);
  bytes.fill(0xff, 4096, bytes.length - 4096);
  writeFileSync(torn, bytes);
  assert.throws(
    () => openDatabase(torn, migrations),
    (error) => isErrorCode(error, 'data-loss'),
  );
});

test('a database of a newer Windowbox is refused, not changed', () => {
  const path = join(folder, 'newer.db');
  openDatabase(path, [...migrations, 'CREATE TABLE b (x TEXT);']).close();
  assert.throws(
    () => openDatabase(path, migrations),
    (error) => isErrorCode(error, 'unsupported'),
  );
});
