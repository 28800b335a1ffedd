import { randomInt } from 'node:crypto';

const moods = [
  'airy', 'amber', 'bold', 'brave', 'breezy', 'bright', 'calm', 'candid', 'clear', 'clever', 'cosy', 'crisp', 'curious', 'daring',
  'eager', 'early', 'fair', 'fond', 'frank', 'fresh', 'gentle', 'glad', 'golden', 'grand', 'happy', 'hardy', 'honest', 'humble',
  'jolly', 'keen', 'kind', 'light', 'lively', 'lucid', 'lucky', 'mellow', 'merry', 'mild', 'modest', 'neat', 'nimble', 'noble',
  'patient', 'plain', 'polite', 'proud', 'quick', 'quiet', 'ready', 'serene', 'sharp', 'silent', 'sober', 'solid', 'steady',
  'still', 'sunny', 'swift', 'tidy', 'tranquil', 'true', 'vivid', 'warm', 'wise', 'witty',
] as const; // prettier-ignore

/** Parts of windows and houses: the box's own words. */
const things = [
  'alcove', 'arch', 'attic', 'awning', 'balcony', 'bay', 'beam', 'bolt', 'brace', 'bracket', 'cabin', 'canopy', 'casement', 'chimney',
  'corbel', 'cornice', 'courtyard', 'crescent', 'curtain', 'dome', 'door', 'dormer', 'eaves', 'fanlight', 'fresco', 'gable', 'gallery',
  'garden', 'glass', 'hearth', 'hinge', 'jamb', 'joist', 'lantern', 'latch', 'lattice', 'ledge', 'lintel', 'loft', 'louvre', 'mantel',
  'mirror', 'mosaic', 'mullion', 'niche', 'oriel', 'pane', 'parapet', 'pergola', 'pillar', 'porch', 'portal', 'rafter', 'rosette',
  'sash', 'shutter', 'sill', 'skylight', 'spire', 'terrace', 'tile', 'transom', 'trellis', 'turret', 'veranda',
] as const; // prettier-ignore

/** A name that `isTaken` does not know, `mood_thing`, with a number when that is needed. */
export function generateName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${pick(moods)}_${pick(things)}${attempt < 10 ? '' : String(attempt)}`;
    if (!isTaken(name)) return name;
  }
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? 'plain';
}
