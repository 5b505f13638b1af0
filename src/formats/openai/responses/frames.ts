/** Events of one response as frames of an event stream, numbered without a gap. */
export class EventFrames {
  #text = '';
  #next = 0;

  /** `members`: of the event, but for its type and number. */
  send(type: string, members: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#next},${members}}\n\n`;
    this.#next += 1;
  }

  /** What nearly all events of a stream are: all but the text itself is put together beforehand. */
  sendDelta({ head, middle, tail }: DeltaFrame, escaped: string): void {
    this.#text += head + String(this.#next) + middle + escaped + tail;
    this.#next += 1;
  }

  /** The frames since it was asked last. */
  taken(): string {
    const all = this.#text;
    this.#text = '';
    return all;
  }
}

export interface DeltaFrame {
  readonly head: string;
  readonly middle: string;
  readonly tail: string;
}

export const deltaFrame = (type: string, place: string, rest = ''): DeltaFrame => ({
  head: `event: ${type}\ndata: {"type":"${type}","sequence_number":`,
  middle: `,${place},"delta":"`,
  tail: `"${rest}}\n\n`,
});
