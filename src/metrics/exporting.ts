/** Where traces go: OTLP over HTTP, in batches, off everybody's way. What cannot be sent is dropped and told. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace';
import type { TracingSettings } from '../config.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { createTracing } from './tracing.ts';
import type { Tracing } from './tracing.ts';

export interface TracingNeeds {
  readonly version: string;
  readonly system: Pick<System, 'monotonic' | 'sleep'>;
  readonly log: Pick<Logger, 'warn'>;
}

const MOST_WAITING = 2048;
const SEND_TIMEOUT_MS = 10_000;
const EVERY_MS = 1000;
const CLOSE_WITHIN_MS = 2000;
const SAID_EVERY_MS = 60_000;
const LONGEST_VALUE = 256;

export const openTracing = (settings: TracingSettings, { version, system, log }: TracingNeeds): Tracing => {
  const exporter = new OTLPTraceExporter({
    url: settings.url,
    headers: { ...settings.headers },
    timeoutMillis: SEND_TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.version': version,
      ...settings.resourceAttributes,
      'service.name': settings.serviceName,
    }),
    sampler: samplerOf(settings),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(exporter, system, log),
        maxQueueSize: MOST_WAITING,
        scheduledDelayMillis: EVERY_MS,
        exportTimeoutMillis: SEND_TIMEOUT_MS,
      }),
    ],
  });
  return createTracing(provider.getTracer('gemini-cli-relay', version), async () => {
    // An exporter that hangs must not hold up the end.
    await Promise.race([provider.shutdown().catch(() => undefined), system.sleep(CLOSE_WITHIN_MS)]);
  });
};

/** The library keeps failures to itself. */
const telling = (exporter: SpanExporter, system: Pick<System, 'monotonic'>, log: TracingNeeds['log']): SpanExporter => {
  let saidAt = -Infinity;
  let lost = 0;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        if (result.error) {
          lost += spans.length;
          if (system.monotonic() - saidAt >= SAID_EVERY_MS) {
            saidAt = system.monotonic();
            log.warn('traces cannot be sent', { lost, error: result.error, fix: 'OTEL_EXPORTER_OTLP_ENDPOINT' });
            lost = 0;
          }
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
};

const samplerOf = ({ sampler, samplerRatio }: TracingSettings): Sampler => {
  const root = sampler.endsWith('always_on')
    ? new AlwaysOnSampler()
    : sampler.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(samplerRatio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
};
