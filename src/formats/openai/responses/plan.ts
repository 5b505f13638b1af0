/** What an answer knows of itself before it begins, and where it goes when it is over. */
import type { Context } from 'koa';
import { isObject } from '../../../json.ts';
import { frameConnectionOf } from '../../../http/sockets/frame-request.ts';
import { signalOf } from '../../../http/respond.ts';
import type { WrittenBody } from '../../../engine/payloads.ts';
import { lengthOf, textTokens } from '../../../gemini/estimate.ts';
import { placeOf } from '../../../gemini/signatures.ts';
import { writeBody } from '../../../gemini/written-body.ts';
import type { FormatParts } from '../../format.ts';
import { callNeeds, familyOf } from '../../prepare.ts';
import { servedTier } from '../account-fields.ts';
import { writeEcho } from './echo.ts';
import type { KeptResponse, ResponsePlan, ResponseStream } from './encode.ts';
import type { PastResponses } from './history.ts';
import type { KeptAnswer, KeptAnswers } from './kept.ts';
import type { SocketAnswers } from './socket-answers.ts';
import type { ResponseHead } from './wire.ts';
import type { ResponsesReading } from './reading.ts';
import type { ResponsesRequest, SentItem } from './request.ts';
import type { RunningAnswers } from './running.ts';
import type { Measure, SharedAnswers } from './shared-answers.ts';

export interface PlanNeeds extends FormatParts {
  readonly kept: KeptAnswers;
  /** With other relays. */
  readonly sharedAnswers: SharedAnswers;
  readonly onSockets: SocketAnswers;
  readonly running: RunningAnswers;
}

/** A response that is to be made, whoever makes it. */
export interface OpenResponse extends ResponseHead {
  readonly keep: ResponsePlan['keep'];
  /** Keeps what was asked, as bytes, until the answer is there to be kept with it. */
  /** A promise where that takes so long that others get turns. */
  noteInput(own: readonly SentItem[]): Promise<void> | undefined;
  /** From now until its end, a client that knows its id may look at it and call it off. */
  run(stream: ResponseStream): void;
}

export interface OpenPlan extends OpenResponse, ResponsePlan {}

interface Asked {
  readonly request: ResponsesRequest;
  readonly body: unknown;
  readonly previous: KeptAnswer | undefined;
  /** Where relays share what they keep. */
  readonly measure?: CallMeasure | undefined;
}

/** What the others are to know of a call. */
interface CallMeasure {
  /** Of its input, about. */
  readonly tokens: number;
  /** Places of the signatures in what was said before; those of the answer are added. */
  readonly signatures: string[];
}

export const pastResponsesOf = (
  ctx: Context,
  { kept, onSockets }: Pick<PlanNeeds, 'kept' | 'onSockets'>,
): PastResponses => {
  const holder = ctx.state.caller.id;
  const connection = frameConnectionOf(ctx);
  if (!connection) return { find: (id) => kept.find(id, holder), findItem: (itemId) => kept.findItem(itemId, holder) };
  return {
    find: (id) => onSockets.find(connection, id) ?? kept.find(id, holder),
    findItem: (itemId) => onSockets.findItem(connection, itemId) ?? kept.findItem(itemId, holder),
  };
};

export const createPlan = (
  ctx: Context,
  { reading, ...asked }: Asked & { readonly reading: ResponsesReading },
  needs: PlanNeeds,
): OpenPlan => {
  const calls = callNeeds(reading, ctx.state.record, needs);
  return {
    ...openResponse(ctx, asked, needs),
    isCodex: /codex/i.test(ctx.get('originator')) || /^codex/i.test(ctx.get('user-agent')),
    newId: (prefix) => needs.system.newId(prefix),
    family: () => familyOf(reading.resolved, ctx.state.record, needs.catalogue),
    newCallId: calls.newCallId,
    remember: (call, signature) => {
      calls.remember(call, signature);
      asked.measure?.signatures.push(placeOf(call));
    },
  };
};

const UNMEASURED: CallMeasure = { tokens: 0, signatures: [] };

export const openResponse = (
  ctx: Context,
  { request, body, previous, measure = UNMEASURED }: Asked,
  needs: PlanNeeds,
): OpenResponse => {
  const { system, kept, sharedAnswers, onSockets, running, keepResponsesMs } = needs;
  const id = system.newId('resp_');
  const isKept = request.store !== false && keepResponsesMs > 0;
  const holder = ctx.state.caller.id;
  const connection = frameConnectionOf(ctx);
  let input: Buffer | undefined;
  let named: readonly NamedItem[] = [];
  const weigh = (output: readonly string[]): Measure => {
    const said = output.map((item) => Math.ceil(textTokens(item.length)));
    return {
      tokens: said.reduce((sum, one) => sum + one, measure.tokens),
      itemTokens: [...named.map((item) => item.tokens), ...said],
      signatures: measure.signatures,
    };
  };

  const keep = ({ json, output }: KeptResponse): void => {
    running.end(id);
    if (!input) return;
    const itemIds = [...named.map((item) => item.id), ...output.map(idIn)];
    const answer = { id, holder, response: Buffer.from(json), input, itemIds, previous };
    if (isKept) {
      kept.put(answer);
      sharedAnswers.put(answer, () => weigh(output), keepResponsesMs);
    } else if (connection) onSockets.put(connection, answer);
  };

  const now = (): number => Math.floor(system.now() / 1000);

  return {
    id,
    createdAt: now(),
    echo: writeEcho(request, isObject(body) ? body : {}, isKept),
    tier: () => servedTier(request.service_tier, ctx.state.record.leftOut),
    now,
    keep,
    noteInput: (own) => {
      if (!isKept && !connection) return undefined;
      named = namedIn(own, needs.shared !== undefined);
      const keepInput = (written: WrittenBody): void => {
        input = typeof written === 'string' ? Buffer.from(written) : Buffer.concat(written);
      };
      const written = writeBody(
        own.map(({ item }) => item),
        ctx.state.payloads,
      );
      if (written instanceof Promise) return written.then(keepInput);
      keepInput(written);
      return undefined;
    },
    run: (stream) => {
      if (!isKept) return;
      const stop = new AbortController();
      running.begin(id, {
        holder,
        told: (status) => stream.told(status),
        stop: (reason) => {
          stop.abort(reason);
        },
      });
      ctx.state.signal = AbortSignal.any([signalOf(ctx), stop.signal]);
      ctx.res.on('close', () => {
        running.end(id);
      });
    },
  };
};

interface NamedItem {
  readonly id: string;
  readonly tokens: number;
}

const namedIn = (items: readonly SentItem[], isWeighed: boolean): readonly NamedItem[] =>
  items.flatMap(({ item }) =>
    isObject(item) && typeof item['id'] === 'string'
      ? [{ id: item['id'], tokens: isWeighed ? Math.ceil(textTokens(lengthOf(item))) : 0 }]
      : [],
  );

/** Our own items begin with it. */
const idIn = (item: string): string => item.slice(ID.length, item.indexOf('"', ID.length));
const ID = '{"id":"';
