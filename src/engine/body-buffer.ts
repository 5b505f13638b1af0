/**
 * The pieces of a large body, put together while they arrive. A list of them and one `Buffer.concat` at the end hold the
 * body twice, and the engine collects garbage by how many bytes buffers hold. Here each piece is copied while it is in
 * the cache, and its memory given back at once. Of 40 images of 8 MB: 17 full collections instead of 27, and 21 ms of
 * CPU for each instead of 25.
 */
import { Pieces } from '../pieces.ts';

export interface BodyBuffer {
  /** Takes a piece, and its memory: nobody may read the piece after this. */
  add(piece: Buffer): void;
  /** All that was added, in order. */
  whole(): Buffer;
}

/** A length is a claim until it is kept: no more room is made than so many times what has really come. */
const CREDIT = 8;
/** So many pieces are kept as they are. */
const FIRST = 1024;

/** For a body whose length is declared; the HTTP parser sees to it that no more than that comes. */
export const createBodyBuffer = (declaredBytes: number): BodyBuffer => {
  let first: Buffer[] = [];
  /** A client that sends byte by byte brings many more. */
  const more = new Pieces();
  let arrived = 0;
  let gathered = 0;
  let room: Buffer | undefined;

  const fill = (piece: Buffer, into: Buffer): void => {
    gathered += piece.copy(into, gathered);
    release(piece);
  };

  return {
    add: (piece) => {
      if (room) {
        fill(piece, room);
        return;
      }
      // A message of a WebSocket comes whole.
      if (piece.length === declaredBytes) {
        room = piece;
        gathered = piece.length;
        return;
      }
      if (first.length < FIRST) first.push(piece);
      else more.add(piece);
      arrived += piece.length;
      if (arrived * CREDIT < declaredBytes) return;
      room = Buffer.allocUnsafeSlow(declaredBytes);
      for (const early of first) fill(early, room);
      first = [];
      gathered += more.take().copy(room, gathered);
    },
    whole: () => room?.subarray(0, gathered) ?? Buffer.concat([...first, more.take()]),
  };
};

/** Gives the memory back without waiting for a collection. Node's parser makes a buffer for each piece; a shared one stays. */
export const release = ({ buffer, length }: Buffer): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
};
