/** A session of the Live API: what one side says goes to the other, until one of them ends it. */
import type { Context } from 'koa';
import type { WebSocket } from 'ws';
import { failed, toRelayError } from '../../../errors.ts';
import type { Asker } from '../../../gemini/kept.ts';
import type { Live, LiveCall } from '../../../gemini/live.ts';
import { readUsage, sumOfUsage } from '../../../gemini/usage.ts';
import type { TokenUsage } from '../../../gemini/usage.ts';
import { noteFirstByte } from '../../../http/respond.ts';
import { watchArriving } from '../../../http/sockets/arriving.ts';
import type { Session } from '../../../http/sockets/session.ts';
import { tellModel } from '../../model-headers.ts';
import type { FormatParts } from '../../format.ts';
import { closeFor, GOING_AWAY, passedClose } from './closes.ts';
import type { Close } from './closes.ts';
import { createDirection } from './direction.ts';
import { watchKey } from './key-watch.ts';
import { createPresence, IDLE_MS } from './presence.ts';
import { saidIn } from './said.ts';
import type { LiveForm } from './said.ts';
import { namingIn, readSetup } from './setup.ts';
import type { Naming } from './setup.ts';

export interface TunnelNeeds {
  readonly ctx: Context;
  readonly client: WebSocket;
  /** Whatever goes on for this session ends with it. */
  readonly over: AbortController;
  readonly call: LiveCall;
  readonly asker: Asker;
  readonly form: LiveForm;
  readonly live: Live;
  readonly catalogue: Pick<FormatParts['catalogue'], 'resolve'>;
}

/** For the first message. */
const SETUP_MS = 30_000;

const LEFT: Close = { code: GOING_AWAY, reason: 'The client is gone.' };

export const openTunnel = ({ ctx, client, over, call, asker, form, live, catalogue }: TunnelNeeds): Session => {
  const { server, signal, notes, record } = ctx.state;
  const { bodies, log } = server;
  const setupClock = server.deadlines(SETUP_MS);
  let line: WebSocket | undefined;
  let usage: TokenUsage | undefined;
  let isOver = false;
  record.tokens.push({ usage: () => usage });

  /** The client's side is closed by whoever ends it. */
  const end = (close: Close): void => {
    if (isOver) return;
    isOver = true;
    setupClock.stop(setupDeadline);
    up.end();
    down.end();
    presence.end();
    keyWatch.end();
    signal.removeEventListener('abort', stop);
    over.abort(failed('client_closed', 'The session is over.'));
    call.leave();
    if (line?.readyState === line?.OPEN) line?.close(close.code, close.reason);
  };
  const fail = (thrown: unknown): void => {
    if (isOver) return;
    const error = toRelayError(thrown);
    notes.error = error.reason ?? error.code;
    const { requestId } = ctx.state;
    if (error.reason === 'internal_error') log.error('request failed', { requestId, error: error.cause });
    else log.debug('request ended with an error', { requestId, error });
    const close = closeFor(error);
    client.close(close.code, close.reason);
    end({ code: GOING_AWAY, reason: '' });
  };
  const stop = (): void => {
    fail(signal.reason);
  };

  const begin = async (message: Buffer): Promise<undefined> => {
    setupClock.stop(setupDeadline);
    const { setup, resolved } = await readSetup(message, catalogue);
    tellModel(ctx, resolved);
    const opened = await call.begin(setup, hear);
    // Whoever ended it meanwhile knew of no line.
    if (isOver) {
      opened.terminate();
      return undefined;
    }
    line = opened;
    opened.on('close', (code, reason) => {
      if (isOver) return;
      const close = passedClose({ code, reason: reason.toString() });
      client.close(close.code, close.reason);
      end(close);
    });
    presence.watch(opened);
    if (opened.readyState > opened.OPEN) fail(failed('upstream_closed', 'Google closed the line of the Live API.'));
    return undefined;
  };

  const checkNaming = ({ names, message }: Naming): Buffer | Promise<Buffer> =>
    names.length === 0 ? message : live.checkNames(names, asker).then(() => message);
  const lookUp = (message: Buffer): Buffer | Promise<Buffer | undefined> => {
    if (!line) return begin(message);
    const naming = namingIn(message);
    if (!naming) return message;
    return naming instanceof Promise ? naming.then(checkNaming) : checkNaming(naming);
  };
  const up = createDirection({ from: () => client, to: () => line, bodies, look: lookUp, fail });

  const lookDown = (message: Buffer): Buffer | Promise<Buffer> => {
    const said = saidIn(message, form);
    if (!said) return message;
    if (said.usage) {
      // Google counts each turn by itself, with all that was said before it.
      const used = readUsage(said.usage);
      usage = usage ? sumOfUsage([usage, used]) : used;
      live.spent(used, asker).catch(fail);
    }
    return said.handle === undefined ? said.message : live.keepHandle(said.handle, asker).then(() => said.message);
  };
  const down = createDirection({ from: () => line, to: () => client, bodies, look: lookDown, fail });

  const hear = (message: Buffer, isBinary: boolean): void => {
    if (notes.firstByteMs === undefined) noteFirstByte(ctx);
    presence.spoken();
    notes.bytesOut = (notes.bytesOut ?? 0) + message.length;
    down.take(message, isBinary);
  };

  const presence = createPresence(server, () => {
    client.close(GOING_AWAY, `Nothing was said for ${IDLE_MS / 60_000} minutes.`);
    end({ code: GOING_AWAY, reason: '' });
  });
  presence.watch(client);
  const keyWatch = watchKey(ctx, fail);
  const setupDeadline = setupClock.start(() => {
    fail(failed('request_too_slow', `No setup came within ${SETUP_MS / 1000} s.`));
  });
  const arriving = watchArriving(client, ctx.req.socket, server, fail);
  client.on('message', (message: Buffer, isBinary) => {
    arriving.complete();
    presence.spoken();
    notes.bytesIn = (notes.bytesIn ?? 0) + message.length;
    up.take(message, isBinary);
  });
  // Its close tells the same: no valid frames, a message that is too long.
  client.on('error', (error) => {
    log.debug('a WebSocket failed', { error });
  });
  client.on('close', (code, reason) => {
    const isGone = code === 1006;
    end(isGone ? LEFT : passedClose({ code, reason: reason.toString() }));
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();

  return {
    drain: (graceMs) => {
      // As Google says it before it ends a session: clients open another, where there is one.
      if (line) client.send(Buffer.from(`{"goAway":{"timeLeft":"${Math.floor(graceMs / 1000)}s"}}`));
      else fail(failed('server_shutting_down', 'The relay is shutting down.'));
    },
  };
};
