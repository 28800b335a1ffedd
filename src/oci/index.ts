export type Placeholder = 'oci';
