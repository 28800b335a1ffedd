export type Placeholder = 'runtime-hyperv';
