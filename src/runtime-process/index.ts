export type Placeholder = 'runtime-process';
