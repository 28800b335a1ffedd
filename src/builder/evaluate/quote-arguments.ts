/** One Windows command line that CommandLineToArgvW takes apart into these arguments again. */
export function quoteArguments(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  if (word !== '' && !/[\s"]/u.test(word)) return word;
  // Backslashes before a quote are doubled, those elsewhere are not.
  return `"${word.replaceAll(/(\\*)"/gu, '$1$1\\"').replace(/(\\+)$/u, '$1$1')}"`;
}
