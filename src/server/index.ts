export type Placeholder = 'server';
