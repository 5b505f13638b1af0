/**
 * Numbers with a place and a time each, in the order they came. They leave from the front, and now and then from the
 * middle. To find one is to look through all, 25,000 in seven microseconds: few are ever asked for, and a table would
 * have to be kept up with each that comes and goes.
 */
export class Lines implements Iterable<number> {
  /** The line of the oldest that is there. Lines are counted on, and lie at what is left of them by the room. */
  first = 0;
  size = 0;
  #end = 0;
  #numbers = new Int32Array(LEAST);
  #places = new Int32Array(LEAST);
  #times = new Float64Array(LEAST);

  /** How many there may be before they close up. */
  get room(): number {
    return this.#numbers.length;
  }

  add(number: number, place: number, time: number): void {
    if (this.#end - this.first === this.room) this.#closeUp();
    const at = this.#end % this.#numbers.length;
    this.#numbers[at] = number;
    this.#places[at] = place;
    this.#times[at] = time;
    this.#end += 1;
    this.size += 1;
  }

  /** The first with this number, from this line on. */
  find(number: number, from = this.first): number | undefined {
    const room = this.#numbers.length;
    for (let line = from; line < this.#end;) {
      const at = line % room;
      // To the end of the room, or to the last of them.
      const length = Math.min(room - at, this.#end - line);
      const found = this.#numbers.subarray(at, at + length).indexOf(number);
      if (found !== -1) return line + found;
      line += length;
    }
    return undefined;
  }

  placeOf(line: number): number {
    return this.#places[line % this.#places.length] ?? 0;
  }

  timeOf(line: number): number {
    return this.#times[line % this.#times.length] ?? 0;
  }

  remove(line: number): void {
    this.#numbers[line % this.#numbers.length] = GONE;
    this.size -= 1;
    while (this.first < this.#end && this.#isGone(this.first)) this.first += 1;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let line = this.first; line < this.#end; line += 1) if (!this.#isGone(line)) yield line;
  }

  /** Those that are there close up; there is twice their room then, or what there was. */
  #closeUp(): void {
    const room = Math.max(this.#numbers.length, 2 * this.size);
    const [numbers, places, times] = [this.#numbers, this.#places, this.#times];
    const lines = [...this];
    this.#numbers = new Int32Array(room);
    this.#places = new Int32Array(room);
    this.#times = new Float64Array(room);
    for (const [to, line] of lines.entries()) {
      const from = line % numbers.length;
      this.#numbers[to] = numbers[from] ?? GONE;
      this.#places[to] = places[from] ?? 0;
      this.#times[to] = times[from] ?? 0;
    }
    this.first = 0;
    this.#end = lines.length;
  }

  #isGone(line: number): boolean {
    return this.#numbers[line % this.#numbers.length] === GONE;
  }
}

const LEAST = 256;
const GONE = -1;
