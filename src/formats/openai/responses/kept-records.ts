/**
 * Answers that nobody has come back to, as most never are: each a record on a board, and a line in a list. As an object
 * each would be copied as it grows old, and be looked at whenever the old are collected. A board is let go of when
 * nothing on it is kept any more; until then all of it counts.
 */
import { Lines } from '../../../engine/lines.ts';
import { bytesOnBoard, KeptBoard, sizeFor, wholeBoard } from './kept-board.ts';
import type { KeptAnswer } from './kept.ts';

export interface TakenAnswer {
  readonly answer: KeptAnswer;
  readonly keptAt: number;
}

export class KeptRecords {
  /** Of all boards, and of what each answer would count as an object. */
  bytes = 0;
  readonly #boardBytes: number;
  readonly #objectBytes: number;
  readonly #lines = new Lines();
  readonly #boards: (KeptBoard | undefined)[] = [];
  readonly #freeIndexes: number[] = [];
  #last: KeptBoard | undefined;
  /** Once the room is full, boards come and go: the engine collects what is old for every so many that are made. */
  #spare: KeptBoard | undefined;

  constructor(boardBytes: number, objectBytes: number) {
    this.#boardBytes = wholeBoard(boardBytes);
    this.#objectBytes = objectBytes;
  }

  /** When the oldest was kept. */
  get oldestAt(): number {
    return this.#lines.size === 0 ? Infinity : this.#lines.timeOf(this.#lines.first);
  }

  /** False where it has to be an object. */
  put(answer: KeptAnswer, keptAt: number): boolean {
    const bytes = bytesOnBoard(answer);
    if (bytes === undefined || sizeFor(bytes) > this.#boardBytes * LONGEST_SHARE) return false;
    const board = this.#boardFor(bytes);
    const start = board.put(answer);
    this.#lines.add(numberOf(answer.id), board.index * this.#boardBytes + start, keptAt);
    this.bytes += this.#objectBytes;
    return true;
  }

  take(id: string, holder: string): TakenAnswer | undefined {
    const number = numberOf(id);
    for (let line = this.#lines.find(number); line !== undefined; line = this.#lines.find(number, line + 1)) {
      const answer = this.#read(line);
      // Another may have the same number.
      if (answer?.id !== id || answer.holder !== holder) continue;
      const keptAt = this.#lines.timeOf(line);
      this.#drop(line);
      return { answer, keptAt };
    }
    return undefined;
  }

  readOldest(): KeptAnswer | undefined {
    return this.#lines.size === 0 ? undefined : this.#read(this.#lines.first);
  }

  dropOldest(): void {
    if (this.#lines.size > 0) this.#drop(this.#lines.first);
  }

  /** All that are there. */
  *[Symbol.iterator](): Generator<KeptAnswer> {
    for (const line of this.#lines) {
      const answer = this.#read(line);
      if (answer) yield answer;
    }
  }

  #read(line: number): KeptAnswer | undefined {
    const place = this.#lines.placeOf(line);
    return this.#boardAt(place)?.read(place % this.#boardBytes);
  }

  #drop(line: number): void {
    const board = this.#boardAt(this.#lines.placeOf(line));
    this.#lines.remove(line);
    this.bytes -= this.#objectBytes;
    if (!board) return;
    board.kept -= 1;
    if (board.kept === 0) this.#letGo(board);
  }

  #boardAt(place: number): KeptBoard | undefined {
    return this.#boards[Math.floor(place / this.#boardBytes)];
  }

  #boardFor(bytes: number): KeptBoard {
    if (this.#last?.hasRoomFor(bytes)) return this.#last;
    const board = this.#spare ?? new KeptBoard(this.#freeIndexes.pop() ?? this.#boards.length, this.#boardBytes);
    this.#spare = undefined;
    this.#boards[board.index] = board;
    this.bytes += this.#boardBytes;
    this.#last = board;
    return board;
  }

  #letGo(board: KeptBoard): void {
    this.#boards[board.index] = undefined;
    this.bytes -= this.#boardBytes;
    if (this.#last === board) this.#last = undefined;
    if (this.#spare) this.#freeIndexes.push(board.index);
    else this.#spare = board.cleared();
  }
}

/** A longer one would leave much of a board empty. */
const LONGEST_SHARE = 1 / 8;

/** Ids are random at their end. */
const numberOf = (id: string): number => {
  let number = 0;
  for (let at = Math.max(0, id.length - RANDOM_LETTERS); at < id.length; at += 1) {
    number = (Math.imul(number, 31) + id.charCodeAt(at)) & LARGEST;
  }
  return number;
};

const RANDOM_LETTERS = 10;
const LARGEST = 0x7fffffff;
