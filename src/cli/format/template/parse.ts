import { lexTemplate, type Segment, type Token } from './lex.js';
import { templateError } from './template-error.js';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly other: readonly Node[];
    }
  | {
      readonly kind: 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly other: readonly Node[];
    }
  | { readonly kind: 'break' | 'continue' };

/** `$a, $b := first arg | second`: commands from left to right, the value of each is the last argument of the next. */
export interface Pipeline {
  readonly assigns: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
}

/** The first operand, if it is a function's name, is called with the others. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'group'; readonly pipeline: Pipeline; readonly path: readonly string[] };

/** @throws WindowboxError `invalid-argument` for a template that Go would not take either. */
export function parseTemplate(source: string): readonly Node[] {
  const segments = [...lexTemplate(source)];
  const { nodes, ended } = parseBlock(segments);
  if (ended !== undefined) throw templateError(`unexpected {{${ended.word}}}`);
  return nodes;
}

interface BlockEnd {
  readonly word: 'end' | 'else';
  readonly rest: readonly Token[];
}

function parseBlock(segments: Segment[]): { nodes: readonly Node[]; ended?: BlockEnd } {
  const nodes: Node[] = [];
  for (let segment = segments.shift(); segment !== undefined; segment = segments.shift()) {
    if (segment.kind === 'text') {
      nodes.push(segment);
      continue;
    }
    const [first, ...rest] = segment.tokens;
    if (first === undefined) throw templateError('missing value for command');
    const word = first.kind === 'word' ? first.text : '';
    if (word === 'end' || word === 'else') return { nodes, ended: { word, rest } };
    if (word === 'if' || word === 'with' || word === 'range') nodes.push(parseControl(word, rest, segments));
    else if (word === 'break' || word === 'continue') nodes.push({ kind: word });
    else nodes.push({ kind: 'print', pipeline: parseWholePipeline(segment.tokens) });
  }
  return { nodes };
}

function parseControl(kind: 'if' | 'with' | 'range', head: readonly Token[], segments: Segment[]): Node {
  const pipeline = parseWholePipeline(head);
  const { nodes: body, ended } = parseBlock(segments);
  if (ended === undefined) throw templateError('unexpected EOF');
  if (ended.word === 'end') return { kind, pipeline, body, other: [] };
  const [next, ...rest] = ended.rest;
  if (next !== undefined) {
    if (next.kind !== 'word' || (next.text !== 'if' && next.text !== 'with'))
      throw templateError('unexpected token in else');
    return { kind, pipeline, body, other: [parseControl(next.text, rest, segments)] };
  }
  const other = parseBlock(segments);
  if (other.ended?.word !== 'end') throw templateError('unexpected EOF');
  return { kind, pipeline, body, other: other.nodes };
}

function parseWholePipeline(tokens: readonly Token[]): Pipeline {
  const rest = [...tokens];
  const pipeline = parsePipeline(rest);
  if (rest.length > 0) throw templateError('unexpected right paren');
  return pipeline;
}

function parsePipeline(rest: Token[]): Pipeline {
  const { assigns, declares } = takeAssignment(rest);
  const commands: Command[] = [];
  for (;;) {
    const [first, ...others] = takeOperands(rest);
    if (first === undefined) throw templateError('missing value for command');
    commands.push([first, ...others]);
    const next = rest[0];
    if (next?.kind !== 'punctuation' || next.text !== '|') return { assigns, declares, commands };
    rest.shift();
  }
}

function takeAssignment(rest: Token[]): { assigns: readonly string[]; declares: boolean } {
  const at = rest.findIndex((token) => token.kind === 'punctuation' && (token.text === ':=' || token.text === '='));
  if (at === -1) return { assigns: [], declares: false };
  const assigns = rest.slice(0, at).flatMap((token) => (token.kind === 'variable' ? [token.name] : []));
  const sign = rest[at];
  rest.splice(0, at + 1);
  return { assigns, declares: sign?.kind === 'punctuation' && sign.text === ':=' };
}

function takeOperands(rest: Token[]): readonly Operand[] {
  const operands: Operand[] = [];
  for (let token = rest[0]; token !== undefined; token = rest[0]) {
    if (token.kind === 'punctuation' && token.text !== '(') return operands;
    rest.shift();
    operands.push(token.kind === 'punctuation' ? takeGroup(rest) : operandOf(token));
  }
  return operands;
}

function takeGroup(rest: Token[]): Operand {
  const pipeline = parsePipeline(rest);
  const close = rest.shift();
  if (close?.kind !== 'punctuation' || close.text !== ')') throw templateError('unclosed left paren');
  const next = rest[0];
  if (next?.kind !== 'field' || next.path.length === 0) return { kind: 'group', pipeline, path: [] };
  rest.shift();
  return { kind: 'group', pipeline, path: next.path };
}

function operandOf(token: Exclude<Token, { kind: 'punctuation' }>): Operand {
  if (token.kind === 'field' || token.kind === 'variable') return token;
  if (token.kind === 'string' || token.kind === 'number') return { kind: 'value', value: token.value };
  if (token.text === 'true' || token.text === 'false') return { kind: 'value', value: token.text === 'true' };
  return token.text === 'nil' ? { kind: 'value', value: null } : { kind: 'function', name: token.text };
}
