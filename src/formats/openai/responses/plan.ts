/** What an answer knows of itself before it begins, and where it goes when it is over. */
import type { Context } from 'koa';
import { isObject } from '../../../json.ts';
import type { Place } from '../../../engine/roll.ts';
import type { CallNeeds } from '../../../conversation/calls.ts';
import type { ResolvedModel } from '../../../gemini/catalogue.ts';
import { writeBody } from '../../../gemini/written-body.ts';
import type { FrameConnection } from '../../../http/sockets/frame-request.ts';
import type { FormatParts } from '../../format.ts';
import { callNeeds, familyOf } from '../../prepare.ts';
import { servedTier } from '../account-fields.ts';
import type { CallMeasure } from './call-measure.ts';
import { writeEcho } from './echo.ts';
import type { ResponsePlan, ResponseStream } from './encode.ts';
import type { KeptAnswer, KeptAnswers } from './kept.ts';
import { askedText, KeptTexts } from './kept-text.ts';
import type { AskedText } from './kept-text.ts';
import type { SocketAnswers } from './socket-answers.ts';
import type { ResponsesRequest, SentItem } from './request.ts';
import type { RunningAnswer, RunningAnswers } from './running.ts';
import type { SharedAnswers } from './shared-answers.ts';

export interface PlanNeeds {
  readonly parts: FormatParts;
  readonly kept: KeptAnswers;
  /** With other relays. */
  readonly sharedAnswers: SharedAnswers;
  readonly onSockets: SocketAnswers;
  readonly running: RunningAnswers;
}

interface Asked {
  readonly request: ResponsesRequest;
  readonly body: unknown;
  readonly resolved: ResolvedModel;
  readonly previous: KeptAnswer | undefined;
  readonly connection: FrameConnection | undefined;
  /** Where relays share what they keep. */
  readonly measure: CallMeasure | undefined;
}

/** A response that is to be made, whoever makes it. It holds nothing that was asked: an open stream would keep it. */
export class PlannedResponse implements ResponsePlan {
  readonly id: string;
  readonly createdAt: number;
  readonly echo: string;
  readonly calls: CallNeeds;
  readonly #ctx: Context;
  readonly #needs: PlanNeeds;
  readonly #resolved: ResolvedModel;
  readonly #previous: KeptAnswer | undefined;
  readonly #connection: FrameConnection | undefined;
  readonly #measure: CallMeasure | undefined;
  readonly #tier: string | undefined;
  /** 0: not at all. */
  readonly #keepMs: number;
  /** Of the items of the input that have one, then of those of the answer, in order. */
  readonly #itemIds: string[] = [];
  #namedInput = 0;
  #asked: AskedText | undefined;
  #running: Place<RunningAnswer> | undefined;

  constructor(ctx: Context, { request, body, resolved, previous, connection, measure }: Asked, needs: PlanNeeds) {
    const { parts } = needs;
    this.#ctx = ctx;
    this.#needs = needs;
    this.#resolved = resolved;
    this.#previous = previous;
    this.#connection = connection;
    this.#measure = measure;
    this.#tier = request.service_tier;
    this.#keepMs = request.store === false ? 0 : parts.keepResponsesMs;
    this.id = parts.system.newId('resp_');
    this.createdAt = this.now();
    this.echo = writeEcho(request, isObject(body) ? body : {}, this.#keepMs > 0);
    const calls = callNeeds(ctx, { resolved }, parts);
    this.calls = measure ? measure.noting(calls) : calls;
  }

  now(): number {
    return Math.floor(this.#needs.parts.system.now() / 1000);
  }

  tier(): string {
    return servedTier(this.#tier, this.#ctx.state.record.leftOut);
  }

  family(): string {
    return familyOf(this.#resolved, this.#ctx.state.record, this.#needs.parts.catalogue);
  }

  isCodex(): boolean {
    return /codex/i.test(this.#ctx.get('originator')) || /^codex/i.test(this.#ctx.get('user-agent'));
  }

  newId(prefix: string): string {
    const id = this.#needs.parts.system.newId(prefix);
    this.#itemIds.push(id);
    return id;
  }

  /**
   * Keeps what was asked, as text, until the answer is there to be kept with it. A promise where that takes so long that
   * others get turns.
   */
  noteInput(own: readonly SentItem[]): Promise<void> | undefined {
    if (this.#keepMs === 0 && !this.#connection) return undefined;
    const items: SentItem['item'][] = [];
    for (const { item } of own) {
      items.push(item);
      if (typeof item === 'string' || typeof item['id'] !== 'string') continue;
      this.#itemIds.push(item['id']);
      this.#measure?.name(item);
    }
    this.#namedInput = this.#itemIds.length;
    const written = writeBody(items, this.#ctx.state.payloads);
    if (written instanceof Promise) {
      return written.then((pieces) => {
        this.#asked = askedText(pieces);
      });
    }
    this.#asked = askedText(written);
    return undefined;
  }

  /** From now until it is over, a client that knows its id may look at it and call it off. */
  run(stream: ResponseStream): void {
    if (this.#keepMs === 0) return;
    const { caller, lifetime } = this.#ctx.state;
    this.#running = this.#needs.running.begin({ id: this.id, holder: caller.id, stream, lifetime });
  }

  over(): void {
    if (this.#running) this.#needs.running.end(this.#running);
  }

  keep(response: string, items: readonly string[]): void {
    const { kept, sharedAnswers, onSockets } = this.#needs;
    if (this.#asked === undefined) return;
    // The last may have been begun, and not have come to its end.
    const itemIds = this.#itemIds.slice(0, this.#namedInput + items.length);
    const texts = new KeptTexts(response, this.#asked, JSON.stringify(itemIds));
    const answer = { id: this.id, holder: this.#ctx.state.caller.id, texts, previous: this.#previous };
    if (this.#keepMs > 0) {
      kept.put(answer);
      const measure = this.#measure;
      if (measure) sharedAnswers.put(answer, () => measure.weigh(items), this.#keepMs);
    } else if (this.#connection) onSockets.put(this.#connection, answer);
  }
}
