/** The answer as items of the Responses API, one open at a time: each added, filled and done before the next. */
import type { AnswerSink, Finish } from '../../../conversation/answer.ts';
import type { ModelCall } from '../../../conversation/calls.ts';
import type { Citation } from '../../../conversation/citations.ts';
import { writeCarrier } from '../../../conversation/signature-carrier.ts';
import type { BlobEvent } from '../../../gemini/events.ts';
import type { GroundingMetadata, Loose } from '../../../gemini/types.ts';
import { toLogprobs } from '../chat/logprobs.ts';
import type { EventFrames } from './frames.ts';
import { MessageItem } from './message-item.ts';
import { ReasoningItem } from './reasoning-item.ts';
import type { ResponsesReading } from './reading.ts';
import { searchAction } from './search-action.ts';
import { escaped } from './wire.ts';

export interface OutputNeeds {
  /** A new id that begins with this. */
  newId(prefix: string): string;
  /** Of the model that signs. */
  family(): string;
}

/** What a response comes to, whichever way it is written. */
export interface Output extends AnswerSink {
  /** JSON of the items that are done. */
  readonly items: readonly string[];
  /** What the answer ended with; undefined before its end. */
  readonly ending: Finish['kind'] | undefined;
  /** This batch is through, and more may take minutes. */
  settle(): void;
}

export class ItemWriter implements Output {
  readonly items: string[] = [];
  ending: Finish['kind'] | undefined;
  readonly #reading: ResponsesReading;
  readonly #needs: OutputNeeds;
  readonly #frames: EventFrames | undefined;
  #open: MessageItem | ReasoningItem | undefined;
  #textSignature: string | undefined;
  /** JSON, until it is written. */
  #search: string | undefined;
  #keptInItems = 0;

  /** Without frames the items are only put together. */
  constructor(reading: ResponsesReading, needs: OutputNeeds, frames: EventFrames | undefined) {
    this.#reading = reading;
    this.#needs = needs;
    this.#frames = frames;
  }

  get keptBytes(): number {
    return this.#keptInItems + (this.#open?.keptBytes ?? 0);
  }

  open(): void {
    // An item opens with what it holds.
  }

  text(_index: number, text: string, isPlain: boolean): void {
    this.#message().text(isPlain ? text : escaped(text), text.length);
  }

  thought(_index: number, text: string, isPlain: boolean): void {
    this.#reasoning().thought(text, isPlain ? text : escaped(text));
  }

  call(_index: number, _place: number, call: ModelCall): void {
    if (call.signature !== undefined) this.#carry(call.signature, call.id);
    this.#close('completed');
    if (call.input === undefined) this.#functionCall(call);
    else this.#customCall(call, call.input);
  }

  image(_index: number, _place: number, { data, mimeType }: BlobEvent): void {
    this.#close('completed');
    const id = this.#needs.newId('ig_');
    const base = `"id":"${id}","type":"image_generation_call"`;
    const place = `"output_index":${this.items.length},"item_id":"${id}"`;
    this.#added(`{${base},"status":"in_progress","result":null}`);
    this.#frames?.send('response.image_generation_call.in_progress', place);
    this.#frames?.send('response.image_generation_call.completed', place);
    const format = mimeType.slice(mimeType.indexOf('/') + 1);
    this.#done(`{${base},"status":"completed","result":"${data}","output_format":"${escaped(format)}"}`);
  }

  signature(_index: number, signature: string): void {
    this.#textSignature = signature;
  }

  logprobs(_index: number, result: Loose): void {
    this.#message().logprobs(toLogprobs(result).content);
  }

  citations(_index: number, citations: readonly Citation[], grounding: GroundingMetadata | undefined): void {
    // Behind a call there is no text left to point at.
    if (this.#open instanceof MessageItem) this.#open.cite(citations);
    this.#search = searchAction(citations, grounding, this.#reading.searchSources);
    // Before what was found with it, as OpenAI has it. In a stream that is long with the client by now.
    if (!this.#frames && this.#open instanceof MessageItem) this.#writeSearch();
  }

  finish(_index: number, { kind, refusal }: Finish): void {
    this.ending = kind;
    const status = kind === 'stop' || kind === 'calls' ? 'completed' : 'incomplete';
    if (refusal !== undefined) this.#message().refuse(refusal);
    else if (this.items.length === 0 && !this.#open) this.#message().text('', 0);
    const isSaid = this.#open instanceof MessageItem;
    this.#close(status);
    if (this.#textSignature !== undefined && isSaid) {
      // It comes behind the last word, which is long with the client by now.
      this.#carry(this.#textSignature, undefined);
      this.#close('completed');
    }
    this.#writeSearch();
  }

  settle(): void {
    this.#open?.settle();
  }

  #message(): MessageItem {
    if (this.#open instanceof MessageItem) return this.#open;
    if (this.#open) this.#close('completed');
    const item = new MessageItem(this.#needs.newId('msg_'), this.items.length, this.#frames);
    this.#open = item;
    return item;
  }

  #reasoning(): ReasoningItem {
    if (this.#open instanceof ReasoningItem) return this.#open;
    if (this.#open) this.#close('completed');
    const item = new ReasoningItem(this.#needs.newId('rs_'), this.items.length, this.#frames);
    this.#open = item;
    return item;
  }

  /** In the item directly before what was signed: of what the model thought, or one without a word. */
  #carry(signature: string, callId: string | undefined): void {
    if (!this.#reading.carriers) return;
    this.#reasoning().carry(writeCarrier({ signature, family: this.#needs.family(), callId }));
  }

  #close(status: 'completed' | 'incomplete'): void {
    if (!this.#open) return;
    this.#keep(this.#open.close(status));
    this.#open = undefined;
  }

  #functionCall({ id: callId, name: own, args }: ModelCall): void {
    const id = this.#needs.newId('fc_');
    const name = this.#nameMembers(own);
    const written = JSON.stringify(args);
    const base = `"id":"${id}","type":"function_call"`;
    const place = `"item_id":"${id}","output_index":${this.items.length}`;
    this.#added(`{${base},"status":"in_progress","call_id":"${callId}",${name},"arguments":""}`);
    this.#frames?.send('response.function_call_arguments.delta', `${place},${name},"delta":${written}`);
    this.#frames?.send('response.function_call_arguments.done', `${place},${name},"arguments":${written}`);
    this.#done(`{${base},"status":"completed","call_id":"${callId}",${name},"arguments":${written}}`);
  }

  #customCall({ id: callId, name: own }: ModelCall, input: string): void {
    const id = this.#needs.newId('ctc_');
    const name = this.#nameMembers(own);
    const written = JSON.stringify(input);
    const base = `"id":"${id}","type":"custom_tool_call"`;
    const place = `"item_id":"${id}","output_index":${this.items.length}`;
    this.#added(`{${base},"status":"in_progress","call_id":"${callId}",${name},"input":""}`);
    this.#frames?.send('response.custom_tool_call_input.delta', `${place},"delta":${written}`);
    this.#frames?.send('response.custom_tool_call_input.done', `${place},"input":${written}`);
    this.#done(`{${base},"status":"completed","call_id":"${callId}",${name},"input":${written}}`);
  }

  /** A tool of a namespace is known by two fields. */
  #nameMembers(own: string): string {
    const tool = this.#reading.namespaces.find(own);
    return tool
      ? `"name":${JSON.stringify(tool.name)},"namespace":${JSON.stringify(tool.namespace)}`
      : `"name":${JSON.stringify(own)}`;
  }

  /** Google tells of a search once it is over: what happened follows at once. */
  #writeSearch(): void {
    if (this.#search === undefined) return;
    const id = this.#needs.newId('ws_');
    const base = `"id":"${id}","type":"web_search_call","action":${this.#search}`;
    const place = `"output_index":${this.items.length},"item_id":"${id}"`;
    this.#search = undefined;
    this.#added(`{${base},"status":"in_progress"}`);
    this.#frames?.send('response.web_search_call.in_progress', place);
    this.#frames?.send('response.web_search_call.searching', place);
    this.#frames?.send('response.web_search_call.completed', place);
    this.#done(`{${base},"status":"completed"}`);
  }

  #added(item: string): void {
    this.#frames?.send('response.output_item.added', `"output_index":${this.items.length},"item":${item}`);
  }

  #done(item: string): void {
    this.#frames?.send('response.output_item.done', `"output_index":${this.items.length},"item":${item}`);
    this.#keep(item);
  }

  #keep(item: string): void {
    this.items.push(item);
    this.#keptInItems += ITEM_BYTES + item.length;
  }
}

/** Of an item, besides its JSON: its id and its places in lists. */
const ITEM_BYTES = 128;
