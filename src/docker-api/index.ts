export type Placeholder = 'docker-api';
