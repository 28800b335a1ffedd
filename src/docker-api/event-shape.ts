/** One line of `GET /events`. */
export interface EventShape {
  /** Only for containers and images. Docker dropped them in API 1.52; its CLI before 25 and docker-compose 1.29 fail without them. */
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
