import { WindowboxError } from '../../errors/index.js';
import { tableSnapshots } from '../data/microsoft-table.js';
import type { Ruleset } from '../model.js';
import { nearest } from '../nearest.js';
import { dockerPullRuleset } from './docker-pull.js';
import { microsoftRuleset } from './microsoft.js';
import { observedRuleset } from './observed.js';
import { containerdRuleset, hcsshimRuleset } from './stable-abi.js';
import { windowboxRuleset } from './windowbox.js';

export const defaultRuleset = 'windowbox';

/** Every ruleset with a name of its own; `microsoft@YYYY-MM-DD` comes on top. */
export const rulesets: readonly Ruleset[] = [
  windowboxRuleset,
  microsoftRuleset(),
  hcsshimRuleset,
  containerdRuleset,
  dockerPullRuleset,
  observedRuleset,
];

/** Dates on which Microsoft's page changed: each is a ruleset `microsoft@DATE`, as is every date after the first. */
export const microsoftDates: readonly string[] = tableSnapshots.map(({ date }) => date);

/**
 * The ruleset of this name.
 *
 * @throws WindowboxError `not-found` with the nearest names; `invalid-argument` for a date that is none or lies before the first table.
 */
export function findRuleset(name: string): Ruleset {
  const known = byName.get(name);
  if (known !== undefined) return known;
  const date = /^microsoft@(?<date>.*)$/u.exec(name)?.groups?.['date'];
  if (date === undefined) throw unknownRuleset(name);
  const ruleset = microsoftRuleset(checkedDate(name, date));
  byName.set(name, ruleset);
  return ruleset;
}

function checkedDate(name: string, date: string): string {
  const first = microsoftDates[0] ?? '';
  const isDate = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/u.test(date);
  if (isDate && date >= first) return date;
  const why = isDate ? `the page had no table before ${first}` : 'the date is not YYYY-MM-DD';
  throw new WindowboxError('invalid-argument', `Cannot use ruleset "${name}": ${why}`, {
    hint: `The page changed on: ${microsoftDates.join(', ')}.`,
  });
}

function unknownRuleset(name: string): WindowboxError {
  const names = rulesets.map((ruleset) => ruleset.name);
  return new WindowboxError('not-found', `Cannot use ruleset "${name}": no such ruleset`, {
    hint: `Nearest: ${nearest(name, names).slice(0, 2).join(', ')}. All: ${names.join(', ')}, microsoft@YYYY-MM-DD.`,
  });
}

const byName = new Map<string, Ruleset>(rulesets.map((ruleset) => [ruleset.name, ruleset]));
