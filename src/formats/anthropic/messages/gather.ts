import type { BlockSink } from './block-writer.ts';

/** Puts the blocks of a whole message together, as JSON. */
export class BlockGathering implements BlockSink {
  readonly blocks: string[] = [];
  #kind: 'text' | 'thinking' = 'text';
  #text = '';
  #signature = '';
  #citations: string[] = [];

  begin(kind: 'text' | 'thinking'): void {
    this.#kind = kind;
    this.#text = '';
    this.#signature = '';
    this.#citations = [];
  }

  grow(text: string): void {
    this.#text += text;
  }

  sign(signature: string): void {
    this.#signature = signature;
  }

  cite(citation: string): void {
    this.#citations.push(citation);
  }

  end(): void {
    const text = JSON.stringify(this.#text);
    // Never null, though the SDK's types would have it: @ai-sdk/anthropic 3 refuses a whole message for that.
    const citations = this.#citations.length > 0 ? `,"citations":[${this.#citations.join(',')}]` : '';
    this.blocks.push(
      this.#kind === 'text'
        ? `{"type":"text","text":${text}${citations}}`
        : `{"type":"thinking","thinking":${text},"signature":"${this.#signature}"}`,
    );
  }

  call(id: string, name: string, input: string): void {
    this.blocks.push(`{"type":"tool_use","id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"input":${input}}`);
  }

  whole(block: string): void {
    this.blocks.push(block);
  }
}
