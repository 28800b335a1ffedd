/**
 * A flag as data: it makes the parser, `--help`, the reference page and the completion script.
 *
 * Kinds: `bool` (`--rm`, `--rm=false`), `string`, `list` (may be given again), `int`, `bytes` (`512m` → bytes), `duration`
 * (`1m30s` → nanoseconds), `cpus` (`1.5` → billionths of a processor).
 */
export type FlagSpec = BoolFlag | TextFlag | ListFlag | NumberFlag;

export interface BoolFlag extends FlagBase {
  readonly kind: 'bool';
  /** What it is when not given; default false. */
  readonly on?: boolean;
}

export interface TextFlag extends FlagBase {
  readonly kind: 'string';
  /** Shown in help; the command applies it. */
  readonly shownDefault?: string;
  readonly check?: CheckValue;
}

export interface ListFlag extends FlagBase {
  readonly kind: 'list';
  readonly check?: CheckValue;
}

export interface NumberFlag extends FlagBase {
  readonly kind: 'int' | 'bytes' | 'duration' | 'cpus';
  readonly shownDefault?: string;
}

interface FlagBase {
  readonly help: string;
  readonly short?: string;
  /** What help writes for the value, default by kind. */
  readonly value?: string;
  /** Accepted and not shown: Docker's deprecated spellings. */
  readonly hidden?: boolean;
}

/** Says why a value is wrong, in Docker's words; undefined when it is right. */
export type CheckValue = (value: string) => string | undefined;

/** By long name, without the dashes. */
export type FlagTable = Readonly<Record<string, FlagSpec>>;

export type NamesOf<T extends FlagTable, Kind extends FlagSpec['kind']> = {
  [Name in keyof T]: T[Name]['kind'] extends Kind ? Name : never;
}[keyof T] &
  string;

/** What a command line gave, read by name and kind. A reader of more flags may stand for one of fewer. */
export interface FlagReader<
  in Bool extends string,
  in Text extends string,
  in List extends string,
  in Amount extends string,
> {
  isOn(name: Bool): boolean;
  text(name: Text): string | undefined;
  all(name: List): readonly string[];
  number(name: Amount): number | undefined;
  /** True when it stood on the command line, whatever its value. */
  isGiven(name: Bool | Text | List | Amount): boolean;
}

export type FlagValues<T extends FlagTable> = FlagReader<
  NamesOf<T, 'bool'>,
  NamesOf<T, 'string'>,
  NamesOf<T, 'list'>,
  NamesOf<T, NumberFlag['kind']>
>;
