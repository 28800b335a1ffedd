export type Placeholder = 'guest-link';
