/** What an answer knows of itself before it begins, and where it goes when it is over. */
import type { Context } from 'koa';
import { isObject } from '../../../json.ts';
import { frameConnectionOf } from '../../../http/sockets/frame-request.ts';
import type { WrittenBody } from '../../../engine/payloads.ts';
import { lengthOf, tokensOfLetters } from '../../../gemini/estimate.ts';
import { placeOf } from '../../../gemini/signatures.ts';
import { writeBody } from '../../../gemini/written-body.ts';
import type { FormatParts } from '../../format.ts';
import { callNeeds, familyOf } from '../../prepare.ts';
import { servedTier } from '../account-fields.ts';
import { writeEcho } from './echo.ts';
import type { ResponsePlan, ResponseStream } from './encode.ts';
import type { PastResponses } from './history.ts';
import type { KeptAnswer, KeptAnswers } from './kept.ts';
import { askedText, KeptTexts } from './kept-text.ts';
import type { AskedText } from './kept-text.ts';
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
  readonly newId: ResponsePlan['newId'];
  readonly keep: ResponsePlan['keep'];
  /**
   * Keeps what was asked, as text, until the answer is there to be kept with it. A promise where that takes so long that
   * others get turns.
   */
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
  const calls = callNeeds(ctx, reading, needs);
  // Not all that was asked: an open stream would keep it.
  const { measure } = asked;
  return {
    ...openResponse(ctx, asked, needs),
    isCodex: () => /codex/i.test(ctx.get('originator')) || /^codex/i.test(ctx.get('user-agent')),
    family: () => familyOf(reading.resolved, ctx.state.record, needs.catalogue),
    newCallId: calls.newCallId,
    hold: calls.hold,
    remember: (call, signature) => {
      calls.remember(call, signature);
      measure?.signatures.push(placeOf(call));
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
  /** Of the items of the answer, in order. */
  const newIds: string[] = [];
  let asked: AskedText | undefined;
  let named: readonly NamedItem[] = [];
  let isRunning = false;
  const weigh = (output: readonly string[]): Measure => {
    const said = output.map((item) => Math.ceil(tokensOfLetters(item.length)));
    return {
      tokens: said.reduce((sum, one) => sum + one, measure.tokens),
      itemTokens: [...named.map((item) => item.tokens), ...said],
      signatures: measure.signatures,
    };
  };

  const { service_tier: tier } = request;

  const keep: ResponsePlan['keep'] = (response, items) => {
    if (isRunning) running.end(id);
    if (asked === undefined) return;
    // The last may have been begun, and not have come to its end.
    const itemIds = [...named.map((item) => item.id), ...newIds.slice(0, items.length)];
    const answer = { id, holder, texts: new KeptTexts(response, asked, itemIds), previous };
    if (isKept) {
      kept.put(answer);
      sharedAnswers.put(answer, () => weigh(items), keepResponsesMs);
    } else if (connection) onSockets.put(connection, answer);
  };

  const now = (): number => Math.floor(system.now() / 1000);

  return {
    id,
    createdAt: now(),
    echo: writeEcho(request, isObject(body) ? body : {}, isKept),
    tier: () => servedTier(tier, ctx.state.record.leftOut),
    now,
    newId: (prefix) => {
      const itemId = system.newId(prefix);
      newIds.push(itemId);
      return itemId;
    },
    keep,
    noteInput: (own) => {
      if (!isKept && !connection) return undefined;
      named = namedIn(own, needs.shared !== undefined);
      const keepInput = (written: WrittenBody): void => {
        asked = typeof written === 'string' ? askedText(written) : Buffer.concat(written);
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
      isRunning = true;
      running.begin(id, {
        holder,
        told: (status) => stream.told(status),
        stop: (reason) => {
          ctx.state.lifetime.abort(reason);
        },
      });
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

const namedIn = (items: readonly SentItem[], isWeighed: boolean): readonly NamedItem[] => {
  const named: NamedItem[] = [];
  for (const { item } of items) {
    if (!isObject(item) || typeof item['id'] !== 'string') continue;
    named.push({ id: item['id'], tokens: isWeighed ? Math.ceil(tokensOfLetters(lengthOf(item))) : 0 });
  }
  return named;
};
