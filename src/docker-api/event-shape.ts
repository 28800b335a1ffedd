/** One line of `GET /events`. */
export interface EventShape {
  /** Only for containers and images, and only before API 1.52; docker's CLI before 25 fails without them. */
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: 'local';
  /** Seconds since 1970. */
  readonly time: number;
  /** Nanoseconds since 1970: beyond what a JavaScript number holds exactly, so it is put into the JSON text as digits. */
  readonly timeNano: bigint;
}
