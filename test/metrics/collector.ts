/** A collector of traces: OTLP over HTTP in JSON, as strict about it as the real one. */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CollectedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly traceState: string | undefined;
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface Collector {
  readonly url: string;
  readonly spans: CollectedSpan[];
  readonly resources: Readonly<Record<string, string | number>>[];
  readonly headers: Readonly<Record<string, unknown>>[];
  /** All that came, as text. */
  readonly texts: string[];
  close(): Promise<void>;
}

interface Pair {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string | number; readonly doubleValue?: number };
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Pair[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly kind: number;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly traceState?: string;
        readonly status?: { readonly code?: number };
        readonly attributes: readonly Pair[];
      }[];
    }[];
  }[];
}

const valuesOf = (pairs: readonly Pair[]): Record<string, string | number> =>
  Object.fromEntries(
    pairs.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue ?? value.doubleValue)]),
  );

/** `answer` in place of 200. */
export const startCollector = async (answer?: (res: ServerResponse) => void): Promise<Collector> => {
  const spans: CollectedSpan[] = [];
  const resources: Record<string, string | number>[] = [];
  const headers: Record<string, unknown>[] = [];
  const texts: string[] = [];
  const server = createServer((req, res) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      if (answer) {
        answer(res);
        return;
      }
      if (req.method !== 'POST' || req.url !== '/v1/traces' || req.headers['content-type'] !== 'application/json') {
        res.writeHead(400).end();
        return;
      }
      headers.push(req.headers);
      const text = Buffer.concat(pieces).toString();
      texts.push(text);
      for (const { resource, scopeSpans } of (JSON.parse(text) as Sent).resourceSpans) {
        resources.push(valuesOf(resource.attributes));
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          const { name, kind, traceId, spanId, parentSpanId, traceState } = span;
          const status = span.status?.code ?? 0;
          spans.push({
            name,
            kind,
            traceId,
            spanId,
            parentSpanId,
            traceState,
            status,
            attributes: valuesOf(span.attributes),
          });
        }
      }
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resources,
    headers,
    texts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
