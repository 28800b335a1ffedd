/** Flags that many commands share, word for word. */
export const formatFlag = {
  kind: 'string',
  help: "Format output using a custom template: 'table', 'table TEMPLATE', 'json', 'TEMPLATE'",
} as const;

export const filterFlag = {
  kind: 'list',
  short: 'f',
  value: 'filter',
  help: "Filter output based on conditions provided: 'name=value'",
} as const;

export const pruneFlags = {
  filter: { kind: 'list', value: 'filter', help: "Provide filter values (e.g. 'label=<key>=<value>')" },
  force: { kind: 'bool', short: 'f', help: 'Do not prompt for confirmation' },
} as const;
