/**
 * Traces by OpenTelemetry: a span for each request, one below it for each try at Google. Loaded only where an address to
 * send them to is set. Names and numbers, never a word of what is said, and no key.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span, Tracer } from '@opentelemetry/api';
import { RelayError } from '../errors.ts';
import { watched } from '../gemini/answers.ts';
import type { Answer, Call, CallRecord, EmbedCall, Layer } from '../gemini/call.ts';
import type { BeginTrace, EndedRequest } from '../http/ended-request.ts';
import { kindOf, operationOf, providerOf } from './gen-ai.ts';
import { parentIn, traceHeaders } from './trace-context.ts';
import type { TraceHeaders } from './trace-context.ts';

export interface Tracing {
  /** A request comes in; `record` is the one of its calls. */
  readonly begin: BeginTrace;
  /** Innermost: what passes here is one try at Google. */
  readonly tries: Layer;
  /** Of what goes out now. */
  readonly headers: () => TraceHeaders | undefined;
  /** Sends what is not sent yet, as far as there is time. */
  close(): Promise<void>;
}

/** Whatever outlives a try (a connection) remembers this much of it, and not the span. */
interface CurrentTry {
  headers: TraceHeaders | undefined;
}

export const createTracing = (tracer: Tracer, close: () => Promise<void>): Tracing => {
  const requests = new WeakMap<object, Span>();
  const current = new AsyncLocalStorage<CurrentTry>();

  const attempt = <Result>(
    call: Call | EmbedCall,
    isEmbedding: boolean,
    ask: () => Promise<Result>,
    answered: (result: Result, end: (error?: unknown) => void) => Result,
  ): Promise<Result> => {
    const parent = requests.get(call.record);
    if (!parent) return ask();
    const { origin, record } = call;
    const operation = operationOf(origin.format, isEmbedding);
    const span = tracer.startSpan(
      `${operation} ${call.model}`,
      { kind: SpanKind.CLIENT, attributes: attributesOfTry(call, operation, record) },
      trace.setSpan(ROOT_CONTEXT, parent),
    );
    const here: CurrentTry = { headers: traceHeaders(span.spanContext()) };
    const end = (error?: unknown): void => {
      here.headers = undefined;
      if (error !== undefined) fail(span, wordFor(error));
      span.end();
    };
    return current.run(here, ask).then(
      (result) => answered(result, end),
      (error: unknown) => {
        end(error);
        throw error;
      },
    );
  };

  return {
    begin: (method, headers, record) => {
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parentIn(headers));
      requests.set(record, span);
      return {
        traceId: span.spanContext().traceId,
        end: (request) => {
          if (!request) return;
          describe(span, method, request);
          span.end();
        },
      };
    },
    tries: (inner) => ({
      ...inner,
      generate: (call, signal) =>
        attempt(
          call,
          false,
          () => inner.generate(call, signal),
          (answer, end) => watchedToItsEnd(answer, end),
        ),
      embed: (call, signal) =>
        attempt(
          call,
          true,
          () => inner.embed(call, signal),
          (answer, end) => {
            end();
            return answer;
          },
        ),
    }),
    headers: () => current.getStore()?.headers,
    close,
  };
};

const watchedToItsEnd = (answer: Answer, end: (error?: unknown) => void): Answer =>
  watched(answer, {
    over: (ending) => {
      end(ending.kind === 'error' ? ending.error : undefined);
    },
  });

const attributesOfTry = ({ model }: Call | EmbedCall, operation: string, { door = '' }: CallRecord) => ({
  'gen_ai.operation.name': operation,
  'gen_ai.provider.name': providerOf(kindOf(door)),
  'gen_ai.request.model': model,
  'relay.door': door,
});

const describe = (span: Span, method: string, request: EndedRequest): void => {
  const { route, status, reason, format, door, model, used } = request;
  span.updateName(route === undefined ? method : `${method} ${route}`);
  span.setAttributes({
    'http.request.method': method,
    'http.response.status_code': status,
    'relay.request_id': request.id,
    'relay.format': format,
    'relay.retries': request.retries,
    ...(route !== undefined && { 'http.route': route }),
    ...(door !== undefined && { 'relay.door': door, 'gen_ai.provider.name': providerOf(kindOf(door)) }),
    ...(model !== undefined && { 'gen_ai.request.model': model }),
    ...(request.servedModel !== undefined && { 'gen_ai.response.model': request.servedModel }),
  });
  if (used.length > 0) {
    span.setAttributes({
      'gen_ai.operation.name': operationOf(format, EMBEDDING.test(model ?? '')),
      'gen_ai.usage.input_tokens': used.reduce((sum, one) => sum + (one?.input ?? 0), 0),
      'gen_ai.usage.output_tokens': used.reduce((sum, one) => sum + (one?.output ?? 0), 0),
    });
  }
  if (reason !== undefined) span.setAttribute('error.type', reason);
  // What the client did wrong is no fault of the server (HTTP conventions).
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
};

const EMBEDDING = /embed/i;

const fail = (span: Span, word: string): void => {
  span.setAttribute('error.type', word);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

/** Not the message: it may hold a name of the client's. */
const wordFor = (error: unknown): string =>
  error instanceof RelayError ? (error.reason ?? error.code) : error instanceof Error ? error.name : 'unknown';
