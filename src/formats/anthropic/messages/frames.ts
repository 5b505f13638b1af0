/** Blocks as frames of an event stream. Each event is named, as the SDKs look at the name alone. */
import type { BlockSink } from './block-writer.ts';

export class BlockFrames implements BlockSink {
  #text = '';
  #index = -1;
  /** What stands before each piece of the open block: written once, it saves a good part of each. */
  #head = '';

  /** The frames since it was asked last. */
  taken(): string {
    const all = this.#text;
    this.#text = '';
    return all;
  }

  begin(kind: 'text' | 'thinking'): void {
    this.#start(kind === 'text' ? '{"type":"text","text":""}' : '{"type":"thinking","thinking":"","signature":""}');
    this.#head = `${this.#deltaHead()}{"type":"${kind}_delta","${kind}":"`;
  }

  grow(text: string, isPlain: boolean): void {
    this.#text += `${this.#head}${isPlain ? text : JSON.stringify(text).slice(1, -1)}"}}\n\n`;
  }

  sign(signature: string): void {
    this.#delta(`{"type":"signature_delta","signature":"${signature}"}`);
  }

  cite(citation: string): void {
    this.#delta(`{"type":"citations_delta","citation":${citation}}`);
  }

  end(): void {
    this.#text += frame('content_block_stop', `"index":${this.#index}`);
  }

  call(id: string, name: string, input: string): void {
    this.#start(`{"type":"tool_use","id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"input":{}}`);
    this.#delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(input)}}`);
    this.end();
  }

  whole(block: string): void {
    this.#start(block);
    this.end();
  }

  #start(block: string): void {
    this.#index += 1;
    this.#text += frame('content_block_start', `"index":${this.#index},"content_block":${block}`);
  }

  #delta(delta: string): void {
    this.#text += `${this.#deltaHead()}${delta}}\n\n`;
  }

  #deltaHead(): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":`;
  }
}

export const frame = (type: string, members: string): string =>
  `event: ${type}\ndata: {"type":"${type}"${members === '' ? '' : `,${members}`}}\n\n`;

export const PING = frame('ping', '');
