import {
  chooseFromIndex,
  decide,
  type HostProfile,
  type ImageDocument,
  indexRefusal,
  type Question,
  type Verdict,
} from '../../rules/index.js';

export type JudgeOptions = Omit<Question, 'host' | 'image'>;

/** The verdict of one document on one host. Of an index, the entry that Docker would take; its newest one where Docker takes none. */
export function judgeDocument(document: ImageDocument, host: HostProfile, options: JudgeOptions): Verdict {
  const chosen = document.index ? chooseFromIndex(host, document.images) : document.images[0];
  const image = chosen ?? document.images[0];
  if (image === undefined) throw new RangeError('a document holds at least one image');
  const verdict = decide({ ...options, host, image });
  return chosen === undefined ? { ...verdict, refusals: [indexRefusal(host)] } : verdict;
}
