import { commandTable, type CommandTable } from '../command-table.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { print } from '../streams/print.js';

export function makeCompletionCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Print a completion script for bash',
    usage: '',
    examples: [
      {
        about: 'For this shell',
        line: 'windowbox completion > /tmp/windowbox-completion && . /tmp/windowbox-completion',
      },
      { about: 'For all', line: 'windowbox completion > /etc/bash_completion.d/windowbox' },
    ],
    flags: {},
    takes: { exactly: 0 },
    run: async () => {
      print(await renderCompletion(commandTable));
      return 0;
    },
  });
}

/** A bash script that completes commands, flags, and the names of containers and images, which it asks `windowbox` for. */
export async function renderCompletion(table: CommandTable): Promise<string> {
  const cases = await casesOf(table, '');
  return `# bash completion of windowbox; written by "windowbox completion"
_windowbox() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" names="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="$path $word" ;; esac
  done
  while :; do
    case "\${path# }" in
${cases.join('\n')}
    esac
    path="\${path% *}"
  done
  # Names only where a daemon listens: a key press must not start one.
  [ -n "$WINDOWBOX_HOST" ] || [ -S "\${WINDOWBOX_RUN:-/run/windowbox}/windowbox.sock" ] || names=""
  case "$names" in
    *CONTAINER*) [[ "$current" == -* ]] || words="$words $(windowbox ps -a --format '{{.Names}}' 2>/dev/null)" ;;
    *IMAGE*) [[ "$current" == -* ]] || words="$words $(windowbox images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _windowbox windowbox
`;
}

async function casesOf(table: CommandTable, above: string): Promise<readonly string[]> {
  const lines = [row(above, Object.keys(table), '')];
  for (const [name, entry] of Object.entries(table)) {
    const path = above === '' ? name : `${above} ${name}`;
    if ('commands' in entry) {
      lines.push(...(await casesOf(entry.commands, path)));
      continue;
    }
    const command = await entry.load();
    const flags =
      'execute' in command
        ? Object.entries(command.flags).flatMap(([flag, { hidden }]) => (hidden === true ? [] : [`--${flag}`]))
        : command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []));
    lines.push(row(path, [...flags, '--help'], 'execute' in command ? command.usage : ''));
  }
  return lines;
}

function row(path: string, words: readonly string[], usage: string): string {
  const names = /CONTAINER|IMAGE/u.exec(usage)?.[0] ?? '';
  return `      "${path}") words="${words.join(' ')}" names="${names}"; break ;;`;
}
