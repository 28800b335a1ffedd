import { callFunction } from './functions.js';
import { goPrint } from './go-print.js';
import { isTrue } from './is-true.js';
import type { Command, Node, Operand, Pipeline } from './parse.js';
import { templateError } from './template-error.js';

/** How a field is looked up in data: the columns of `ps` compute theirs, `inspect` reads its JSON. */
export type FieldLookup = (holder: unknown, name: string) => unknown;

/**
 * Fills a parsed template. A function in the data is a Go method: it is called, with the operands that follow it.
 *
 * @throws WindowboxError `invalid-argument` for a field that an object of fixed shape does not have.
 */
export function evaluateTemplate(nodes: readonly Node[], data: unknown, lookup: FieldLookup): string {
  const scope: Scope = { dot: data, variables: new Map([['$', { value: data }]]), lookup };
  const output: string[] = [];
  run(nodes, scope, output);
  return output.join('');
}

interface Scope {
  readonly dot: unknown;
  readonly variables: Map<string, { value: unknown }>;
  readonly lookup: FieldLookup;
}

type Jump = 'break' | 'continue' | 'none';

function run(nodes: readonly Node[], scope: Scope, output: string[]): Jump {
  for (const node of nodes) {
    const jump = runNode(node, scope, output);
    if (jump !== 'none') return jump;
  }
  return 'none';
}

function runNode(node: Node, scope: Scope, output: string[]): Jump {
  switch (node.kind) {
    case 'text':
      output.push(node.text);
      return 'none';
    case 'print': {
      const value = valueOf(node.pipeline, scope);
      if (node.pipeline.assigns.length === 0) output.push(goPrint(value));
      return 'none';
    }
    case 'if':
    case 'with': {
      const inner = innerScope(scope, scope.dot);
      const value = valueOf(node.pipeline, inner);
      if (!isTrue(value)) return run(node.other, inner, output);
      return run(node.body, node.kind === 'with' ? innerScope(inner, value) : inner, output);
    }
    case 'range':
      return runRange(node, scope, output);
    case 'break':
    case 'continue':
      break;
  }
  return node.kind;
}

function runRange(node: Extract<Node, { kind: 'range' }>, scope: Scope, output: string[]): Jump {
  const { assigns } = node.pipeline;
  const items = entriesOf(valueOf({ ...node.pipeline, assigns: [] }, scope));
  if (items.length === 0) return run(node.other, scope, output);
  for (const [key, value] of items) {
    const inner = innerScope(scope, value);
    const [first, second] = assigns;
    if (first !== undefined) inner.variables.set(first, { value: second === undefined ? value : key });
    if (second !== undefined) inner.variables.set(second, { value });
    if (run(node.body, inner, output) === 'break') break;
  }
  return 'none';
}

/** Go ranges over a map in the order of its keys. */
function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item] as const);
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index] as const);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function innerScope(scope: Scope, dot: unknown): Scope {
  return { ...scope, dot, variables: new Map(scope.variables) };
}

function valueOf(pipeline: Pipeline, scope: Scope): unknown {
  let value: unknown;
  for (const [index, command] of pipeline.commands.entries())
    value = runCommand(command, scope, index === 0 ? [] : [value]);
  const [name] = pipeline.assigns;
  if (name === undefined) return value;
  const known = scope.variables.get(name);
  if (pipeline.declares || known === undefined) scope.variables.set(name, { value });
  else known.value = value;
  return value;
}

function runCommand([first, ...others]: Command, scope: Scope, piped: readonly unknown[]): unknown {
  if (first.kind === 'function') {
    const operands = [...others.map((operand) => () => read(operand, scope, [])), ...piped.map((value) => () => value)];
    return callFunction(first.name, operands);
  }
  return read(first, scope, [...others.map((operand) => read(operand, scope, [])), ...piped]);
}

function read(operand: Operand, scope: Scope, parameters: readonly unknown[]): unknown {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'function') return callFunction(operand.name, []);
  return follow({ start: holderOf(operand, scope), path: operand.path, scope }, parameters);
}

function holderOf(operand: Extract<Operand, { path: readonly string[] }>, scope: Scope): unknown {
  if (operand.kind === 'field') return scope.dot;
  if (operand.kind === 'group') return valueOf(operand.pipeline, scope);
  const variable = scope.variables.get(operand.name);
  if (variable === undefined) throw templateError(`undefined variable "${operand.name}"`);
  return variable.value;
}

function follow(
  from: { start: unknown; path: readonly string[]; scope: Scope },
  parameters: readonly unknown[],
): unknown {
  let value = from.start;
  for (const name of from.path) {
    value = from.scope.lookup(value, name);
    if (typeof value === 'function') value = callMethod(value, parameters);
  }
  return value;
}

// Methods in the data are our own column functions: they take texts and give a printable value.
// eslint-disable-next-line typescript/no-unsafe-function-type
function callMethod(method: Function, parameters: readonly unknown[]): unknown {
  const result: unknown = Reflect.apply(method, undefined, [...parameters]);
  return result;
}
