import { type ImageDocument, parseJsonDocuments, readImage, readImageDocument } from '../../rules/index.js';
import { isInput, readInput } from './read-input.js';

/** The images that a command line names: references, tags, versions, files of JSON, `-` for JSON or a list of names on standard input. */
export async function gatherImages(words: readonly string[]): Promise<readonly ImageDocument[]> {
  const found: ImageDocument[] = [];
  for (const word of words) {
    if (isInput(word)) found.push(...readText(await readInput(word), word === '-' ? 'standard input' : word));
    else found.push(named(word));
  }
  return found;
}

function readText(text: string, label: string): readonly ImageDocument[] {
  const isJson = /^\s*[[{]/u.test(text);
  if (isJson) return parseJsonDocuments(text, label).flatMap((document) => readImageDocument(document, label));
  const lines = text.split('\n').map((line) => line.replace(/\s#.*$|^#.*$/u, '').trim());
  return lines.filter((line) => line !== '').map(named);
}

function named(word: string): ImageDocument {
  const image = readImage(word);
  return { label: image.label, images: [image], index: false };
}
