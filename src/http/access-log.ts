import type { ServerResponse } from 'node:http';
import type { Context } from 'koa';
import { RelayError } from '../errors.ts';
import { NOBODY } from '../callers/caller.ts';
import type { Connections } from './connections.ts';
import type { CurrentRequest, RequestScope } from './request-scope.ts';
import type { BeginTrace, EndTeller, RequestTrace } from './ended-request.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { Headers } from './head.ts';
import { giveAllBack } from './held-bytes.ts';
import { requestIdOf } from './request-id.ts';
import { pathOf } from './request-target.ts';
import type { CallRecord, RequestNotes, ServerScope, TokensUsed } from './state.ts';
import { takeUrlKeys } from './url-key.ts';

export interface Beginning {
  readonly lifetimes: Lifetimes;
  readonly connections: Connections;
  readonly requestScope: RequestScope;
  /** Whether the relay is about to go. */
  readonly leaving: { readonly isDraining: boolean };
  /** Of an address that led to no route. */
  readonly routeName: (path: string) => string;
  readonly tellEnd: EndTeller;
  /** Where traces are sent. */
  readonly beginTrace?: BeginTrace | undefined;
}

/** Begins every request: its id, its signal, the headers of every answer; and one line in the log at its end. */
export const accessLog =
  (
    server: ServerScope,
    { lifetimes, connections, requestScope, leaving, routeName, tellEnd, beginTrace }: Beginning,
  ): ((ctx: Context) => void) =>
  (ctx) => {
    const { req, res } = ctx;
    const { headers: requestHeaders } = req;
    // As in Koa: until somebody has an answer.
    res.statusCode = 404;
    const { system, log } = server;
    const startedAt = system.monotonic();
    const requestId = requestIdOf(requestHeaders['x-request-id'], system);
    const urlKeys = takeUrlKeys(ctx);
    const line: RequestNotes = {
      requestId,
      method: req.method,
      route: undefined,
      status: undefined,
      ms: undefined,
      caller: undefined,
    };
    const current: CurrentRequest = { ctx };
    let trace: RequestTrace | undefined;
    const pulse = (): void => {
      current.ctx?.state.pulse?.();
    };
    const lifetime = lifetimes.begin(res, startedAt, pulse, (clientLeft) => {
      const { state } = ctx;
      current.ctx = undefined;
      giveAllBack(ctx);
      line.route ??= routeName(state.path);
      connections.end(req.socket);
      const status = clientLeft ? statusOfCut(line, res, lifetime.signal) : res.statusCode;
      const ms = Math.round((system.monotonic() - startedAt) * 10) / 10;
      line.status = status;
      line.ms = ms;
      // Its body was made, and stayed here.
      if (line.method === 'HEAD') line.bytesOut = 0;
      if (state.caller !== NOBODY) line.caller = state.caller.name;
      const used = noteCalls(line, state.record);
      state.record.bill?.settle(used);
      log[state.lineLevel ?? 'info']('request', line);
      tellEnd(ctx, line, { status, ms, clientLeft, used, trace });
      // The line is given away. Whatever still fails because the client has left is not said any more.
      if (clientLeft) state.notes = { ...line };
    });
    const headers: Headers = { 'x-request-id': requestId };
    // A connection that is kept would hold up the end.
    if (leaving.isDraining) headers['connection'] = 'close';
    ctx.state = {
      requestId,
      path: pathOf(req),
      requestHeaders,
      caller: NOBODY,
      keyInUrl: urlKeys.length > 0,
      urlKeys,
      startedAt,
      signal: lifetime.signal,
      lifetime,
      headers,
      bodyBytes: 0,
      answerBytes: 0,
      workBytes: 0,
      notes: line,
      record: { tokens: [] },
      server,
    };
    if (beginTrace) {
      trace = beginTrace(req.method ?? '', requestHeaders, ctx.state.record);
      line.traceId = trace.traceId;
    }
    requestScope.begin(current);
  };

const CLIENT_LEFT = 499;

/** Who was cut has not left by itself. */
const statusOfCut = (line: RequestNotes, res: ServerResponse, { reason }: AbortSignal): number => {
  const cut = reason instanceof RelayError && CUTS.has(reason.reason) ? reason : undefined;
  if (cut?.reason !== undefined) line.error ??= cut.reason;
  if (line.error === undefined) return CLIENT_LEFT;
  return cut && !res.headersSent ? cut.status : res.statusCode;
};

const CUTS: ReadonlySet<string | undefined> = new Set([
  'slow_reader',
  'server_shutting_down',
  'invalid_http',
  'request_too_slow',
  'request_too_large',
]);

/** What each call has used: asked once, and only now. */
const noteCalls = (line: RequestNotes, record: CallRecord): readonly (TokensUsed | undefined)[] => {
  const { door, retries, failovers } = record;
  if (door !== undefined) line.door = door;
  if (retries !== undefined) line.retries = retries;
  if (failovers !== undefined) line.failovers = failovers;
  const used: (TokensUsed | undefined)[] = [];
  for (const call of record.tokens) {
    const tokens = call.usage();
    used.push(tokens);
    if (!tokens) continue;
    line.promptTokens = (line.promptTokens ?? 0) + tokens.input;
    line.outputTokens = (line.outputTokens ?? 0) + tokens.output;
    if (tokens.cached > 0) line.cachedTokens = (line.cachedTokens ?? 0) + tokens.cached;
    if (tokens.thoughts > 0) line.thoughtTokens = (line.thoughtTokens ?? 0) + tokens.thoughts;
  }
  return used;
};
