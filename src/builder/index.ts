export type Placeholder = 'builder';
