export type Placeholder = 'images';
