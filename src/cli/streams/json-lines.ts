/** Each JSON value of a stream that holds one a line, as it comes. Blank lines are skipped. */
export async function* jsonLines<T>(source: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  const toValue = (line: string): T => {
    const value: T = JSON.parse(line);
    return value;
  };
  let rest = '';
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield toValue(line);
  }
  if (rest.trim() !== '') yield toValue(rest);
}
