import { expandWord, type ExpandOptions } from '../parse/expand-words.js';

/** Whether a word of COPY or ADD stands for the heredoc of this name. */
export function isHeredocWord(word: string, name: string): boolean {
  return new RegExp(`^\\d*<<-?["']?${name.replaceAll('.', '\\.')}["']?$`, 'u').test(word);
}

/** A heredoc's text with its variables put in. */
export function expandHeredoc(content: string, options: ExpandOptions): string {
  // Quotes mean nothing in a heredoc: only variables are looked for.
  return content.replaceAll(/\$(?:\{[^}]*\}|[A-Za-z_]\w*)/gu, (found) => expandWord(found, options));
}
