// `npm run docs`: writes docs/reference/cli.md from the compiled command definitions.
import { writeFileSync } from 'node:fs';
import { commandTable } from '../dist/src/cli/command-table.js';
import { renderReference } from '../dist/src/cli/render-reference.js';

writeFileSync('docs/reference/cli.md', await renderReference(commandTable));
