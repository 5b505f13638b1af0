/** The metrics as Prometheus reads them, by prom-client: made of plain numbers when somebody asks, and not before. */
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Distribution } from './distribution.ts';
import { METRICS } from './names.ts';
import type { MetricName, Name, NameOf } from './names.ts';
import type { Sample } from './sums.ts';

/** Where each metric is read off. */
export type Readings = {
  readonly [One in Name]: () => Iterable<Sample<One, One extends NameOf<'histogram'> ? Distribution : number>>;
};

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

export interface MetricsRegistry {
  read(): Promise<MetricsText>;
}

export const createRegistry = (readings: Readings, look: () => Promise<void>): MetricsRegistry => {
  let opened: Promise<Registry> | undefined;
  let reading: Promise<MetricsText> | undefined;

  const read = async (): Promise<MetricsText> => {
    opened ??= openRegistry(readings);
    const registry = await opened;
    await look();
    return { contentType: registry.contentType, text: await registry.metrics() };
  };

  return {
    // Who asks meanwhile is told the same.
    read: () => {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
};

/** The library is a third of a megabyte, and Node's own metrics watch the process: not for who never asks. */
const openRegistry = async (readings: Readings): Promise<Registry> => {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });

  for (const [name, { kind, help, labels, buckets = [] }] of Object.entries<MetricName>(METRICS)) {
    const samples = (readings as Record<string, () => Iterable<AnySample>>)[name];
    if (!samples) continue;
    const settings = { name, help, labelNames: labels, registers: [registry] };
    if (kind === 'counter') {
      new prometheus.Counter({
        ...settings,
        collect: function (this: Counter) {
          this.reset();
          for (const { labels: own, value } of samples()) if (typeof value === 'number') this.inc({ ...own }, value);
        },
      });
    } else if (kind === 'gauge') {
      new prometheus.Gauge({
        ...settings,
        collect: function (this: Gauge) {
          this.reset();
          // Without labels it would be 0 now: what is not known is not there.
          if (labels.length === 0) this.remove();
          for (const { labels: own, value } of samples()) if (typeof value === 'number') this.set({ ...own }, value);
        },
      });
    } else {
      const histogram: Histogram = new prometheus.Histogram({ ...settings, buckets: [...buckets] });
      // In place of what it would have observed by itself.
      Object.assign(histogram, {
        getForPromString: () =>
          Promise.resolve({
            name,
            help,
            type: kind,
            values: Array.from(samples()).flatMap((one) => linesOf(name, one)),
          }),
      });
    }
  }
  return registry;
};

interface AnySample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | Distribution;
}

const linesOf = (name: string, { labels, value }: AnySample) => {
  if (typeof value === 'number') return [];
  let upTo = 0;
  const buckets = value.counts.map((count, at) => {
    upTo += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: value.bounds[at] ?? '+Inf' }, value: upTo };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: value.sum },
    { metricName: `${name}_count`, labels, value: upTo },
  ];
};
