/** Counters and durations, shown at `/metrics` in Prometheus' text format (version 0.0.4). */
export interface Metrics {
  countRequest(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** A container's start: how long it took, and the error code of one that failed. */
  countStart(start: { readonly seconds: number; readonly failure: string | undefined }): void;
  countConnection(change: 1 | -1): void;
  render(): string;
}

const startBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const requestBuckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const requestSeconds = createHistogram('windowbox_http_request_seconds', requestBuckets);
  const starts = new Map<string, number>();
  const startSeconds = createHistogram('windowbox_container_start_seconds', startBuckets);
  let connections = 0;
  return {
    countRequest({ method, route, status, seconds }) {
      const labels = `method="${method}",route="${route}",status="${String(status)}"`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
      requestSeconds.add(seconds);
    },
    countStart({ seconds, failure }) {
      const labels = `result="${failure ?? 'ok'}"`;
      starts.set(labels, (starts.get(labels) ?? 0) + 1);
      if (failure === undefined) startSeconds.add(seconds);
    },
    countConnection(change) {
      connections += change;
    },
    render() {
      return [
        ...counter('windowbox_http_requests_total', 'Answered requests, by route and status.', requests),
        ...requestSeconds.render('Time until an answer began.'),
        ...counter(
          'windowbox_container_starts_total',
          'Starts of containers, by result: ok or the error code.',
          starts,
        ),
        ...startSeconds.render('Time that a successful start took.'),
        ...gauge('windowbox_connections', 'Open connections to the API.', connections),
        ...gauge('process_resident_memory_bytes', 'Memory of the daemon.', process.memoryUsage.rss()),
        ...gauge('process_cpu_seconds_total', 'Processor time of the daemon.', cpuSeconds()),
        '',
      ].join('\n');
    },
  };
}

interface Histogram {
  add(seconds: number): void;
  render(help: string): string[];
}

function createHistogram(name: string, bounds: readonly number[]): Histogram {
  const counts = bounds.map(() => 0);
  let count = 0;
  let sum = 0;
  return {
    add(seconds) {
      count += 1;
      sum += seconds;
      const bucket = bounds.findIndex((bound) => seconds <= bound);
      if (bucket !== -1) counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    render: (help) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} histogram`,
      ...bounds.map((bound, index) => `${name}_bucket{le="${String(bound)}"} ${String(upTo(counts, index))}`),
      `${name}_bucket{le="+Inf"} ${String(count)}`,
      `${name}_sum ${String(sum)}`,
      `${name}_count ${String(count)}`,
    ],
  };
}

/** Prometheus' buckets hold all that lies below their bound. */
function upTo(counts: readonly number[], index: number): number {
  return counts.slice(0, index + 1).reduce((total, count) => total + count, 0);
}

function counter(name: string, help: string, values: ReadonlyMap<string, number>): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} counter`,
    ...[...values].map(([labels, value]) => `${name}{${labels}} ${String(value)}`),
  ];
}

function gauge(name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${String(value)}`];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
