export type Placeholder = 'setup';
