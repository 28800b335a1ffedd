import { containerPath, simpleCommand } from '../containers/simple-command.js';
import type { CommandDefinition } from '../define/command.js';

export function makePauseCommand(): CommandDefinition {
  return simpleCommand({
    summary: 'Pause all processes within one or more containers',
    usage: 'CONTAINER [CONTAINER...]',
    examples: [{ about: 'Freeze it', line: 'windowbox pause web' }],
    flags: {},
    request: (name) => ({ method: 'POST', path: containerPath(name, 'pause') }),
  });
}

export function makeUnpauseCommand(): CommandDefinition {
  return simpleCommand({
    summary: 'Unpause all processes within one or more containers',
    usage: 'CONTAINER [CONTAINER...]',
    examples: [{ about: 'Let it go on', line: 'windowbox unpause web' }],
    flags: {},
    request: (name) => ({ method: 'POST', path: containerPath(name, 'unpause') }),
  });
}
