/** A value, or what is wrong with the text in Docker's words. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };
