export type Placeholder = 'engine';
