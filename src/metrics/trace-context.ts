/** W3C trace context: `traceparent` and `tracestate`, in and out. */
import { isSpanContextValid, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context, SpanContext, TraceState } from '@opentelemetry/api';

export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Later versions may have more behind the flags. */
const PARENT = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const LONGEST_STATE = 512;

/** What cannot be read is as good as none: then a trace begins here. */
export const parentIn = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): Context => {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return ROOT_CONTEXT;
  const [, version, traceId = '', spanId = '', flags = '', more] = PARENT.exec(traceparent.trim()) ?? [];
  if (version === '00' && more !== undefined) return ROOT_CONTEXT;
  const state = typeof tracestate === 'string' && tracestate.length <= LONGEST_STATE ? tracestate : '';
  const parent: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(state !== '' && { traceState: stateOf(state) }),
  };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
};

export const traceHeaders = ({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceHeaders => {
  const state = traceState?.serialize() ?? '';
  const flags = (traceFlags & 1).toString().padStart(2, '0');
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(state !== '' && { tracestate: state }) };
};

/** As it came: each change is a text of its own, newest member first. */
const stateOf = (text: string): TraceState => {
  const members = text.split(',').map((member) => member.trim());
  const without = (key: string): readonly string[] => members.filter((member) => !member.startsWith(`${key}=`));
  return {
    get: (key) => members.find((member) => member.startsWith(`${key}=`))?.slice(key.length + 1),
    set: (key, value) => stateOf([`${key}=${value}`, ...without(key)].join(',')),
    unset: (key) => stateOf(without(key).join(',')),
    serialize: () => text,
  };
};
