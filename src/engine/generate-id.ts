import { randomBytes } from 'node:crypto';

/** A full id as Docker makes them: 64 hexadecimal digits, of which no prefix of twelve is a number alone. */
export function generateId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex');
    if (/[a-f]/u.test(id.slice(0, 12))) return id;
  }
}
