export { evaluateTemplate, type FieldLookup } from './evaluate.js';
export { goJson } from './go-json.js';
export { parseTemplate } from './parse.js';
export { templateError } from './template-error.js';
