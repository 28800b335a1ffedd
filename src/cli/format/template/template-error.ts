import { WindowboxError } from '../../../errors/index.js';

/** A template that cannot be read or filled, in the words that Docker puts around Go's. */
export function templateError(reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `template parsing error: template: :1: ${reason}`, {
    hint: 'Templates are Go’s: {{.Name}}, {{json .}}, {{range .Mounts}}{{.Source}}{{end}}. Quote them for the shell.',
  });
}
