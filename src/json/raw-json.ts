import { randomUUID } from 'node:crypto';

/** A JSON value kept as its text. Whoever needs its inside reads it; whoever carries it leaves it as it is. */
export class RawJson {
  /** A long one of a large body is bytes. */
  readonly source: string | Buffer;

  constructor(source: string | Buffer) {
    this.source = source;
  }

  get text(): string {
    return this.source.toString();
  }

  /** The inside, for reading. Numbers may lose digits here: write `text`, never this. */
  read(): unknown {
    return JSON.parse(this.text);
  }

  toJSON(): unknown {
    if (!writing) return this.read();
    writing.met.push(this);
    return writing.mark;
  }
}

/** Of a value while the engine writes it: what it has met that is kept as its text, and the string it writes for each. */
interface Writing {
  readonly mark: string;
  readonly met: RawJson[];
}

/** The engine tells nobody else what it meets. Set for no longer than it takes to write one value. */
let writing: Writing | undefined;

/**
 * As `JSON.stringify`, but each RawJson as the text that it is. The engine writes all that stands around them: to look
 * for them first takes longer than to write the whole.
 */
export const writeJson = (value: unknown): string => {
  const { json, met } = marked(value, MARK);
  if (met.length === 0) return json;
  const pieces = json.split(JSON.stringify(MARK));
  if (pieces.length === met.length + 1) return joined(pieces, met);
  // Somebody says the same elsewhere, but nobody knows this one.
  const own = MARK + randomUUID();
  return joined(marked(value, own).json.split(JSON.stringify(own)), met);
};

/** Hardly anybody's text, and always an escape. */
const MARK = '\0';

const marked = (value: unknown, mark: string): { readonly json: string; readonly met: readonly RawJson[] } => {
  const met: RawJson[] = [];
  writing = { mark, met };
  try {
    return { json: JSON.stringify(value ?? null), met };
  } finally {
    writing = undefined;
  }
};

const joined = (pieces: readonly string[], met: readonly RawJson[]): string => {
  const all: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    const raw = met[index];
    all.push(piece, raw ? raw.text : '');
  }
  return all.join('');
};
