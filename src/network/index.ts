export type Placeholder = 'network';
