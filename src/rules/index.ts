export type Placeholder = 'rules';
