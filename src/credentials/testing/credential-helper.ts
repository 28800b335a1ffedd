import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface CredentialHelper {
  /** `PATH` with the folder of the helper, whose name is `vault`; it speaks the protocol of docker-credential-helpers. */
  readonly path: string;
  readonly folder: string;
  /** What it keeps, by server. */
  readonly kept: () => Readonly<Record<string, Omit<KeptLogin, 'ServerURL'>>>;
  readonly remove: () => void;
}

interface KeptLogin {
  readonly ServerURL: string;
  readonly Username: string;
  readonly Secret: string;
}

/** A real program `docker-credential-vault`, which keeps logins in files beside it. A server named `broken…` makes it fail. */
export function makeCredentialHelper(): CredentialHelper {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-vault-'));
  const kept = join(folder, 'kept');
  mkdirSync(kept);
  writeFileSync(join(folder, 'docker-credential-vault'), script, { mode: 0o755 });
  return {
    folder,
    path: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    kept: () => {
      const entries = readdirSync(kept).map((name): KeptLogin => JSON.parse(readFileSync(join(kept, name), 'utf8')));
      return Object.fromEntries(entries.map(({ ServerURL, Username, Secret }) => [ServerURL, { Username, Secret }]));
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** One file a server, which holds what `store` was given. */
const script = String.raw`#!/bin/sh
kept=$(dirname "$0")/kept
input=$(cat)
fail() { echo "$1"; exit 1; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
file() { printf '%s/%s' "$kept" "$(printf %s "$1" | tr /: __)"; }
case "$input" in *broken*) fail 'the vault is locked' ;; esac
case "$1" in
store) printf %s "$input" >"$(file "$(printf %s "$input" | field ServerURL)")" ;;
get) cat "$(file "$input")" 2>/dev/null || fail 'credentials not found in native keychain' ;;
erase) rm "$(file "$input")" 2>/dev/null || fail 'credentials not found in native keychain' ;;
list)
  separator='{'
  for one in "$kept"/*; do
    [ -f "$one" ] || continue
    printf '%s"%s":"%s"' "$separator" "$(field ServerURL <"$one")" "$(field Username <"$one")"
    separator=,
  done
  [ "$separator" = , ] || printf '{'
  echo '}'
  ;;
*) fail 'unknown action' ;;
esac
`;
