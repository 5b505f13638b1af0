/** What goes out on the wire, as data, so that a fault can change it before it is sent. */

export type Step =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'wait'; readonly ms: number }
  /** Sends nothing more, and keeps the connection until the other side or the simulator closes it. */
  | { readonly kind: 'stall' }
  /** Ends the connection with a TCP reset. */
  | { readonly kind: 'reset' };

/** How the chunks of a generated answer travel: server-sent events, a JSON array, or one whole JSON object. */
export type Form = 'sse' | 'array' | 'whole';

export interface Chunks {
  readonly form: Form;
  /** JSON texts of the answer's chunks, as the door sends them. */
  readonly texts: readonly string[];
  /** Puts a door's envelope around the JSON text of a plain GenerateContentResponse. */
  readonly wrap: (text: string) => string;
  /** Milliseconds before each chunk. */
  readonly paceMs: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Before the status line. */
  readonly before?: readonly Step[];
  readonly steps: readonly Step[];
  /** Of generated answers only; `steps` are made from it. */
  readonly chunks?: Chunks;
}

export const bytes = (content: string | Buffer): Step => ({
  kind: 'bytes',
  bytes: typeof content === 'string' ? Buffer.from(content) : content,
});

export const wait = (ms: number): Step => ({ kind: 'wait', ms });

export const JSON_TYPE = 'application/json; charset=UTF-8';

/** Google prints its JSON over several lines. */
export const jsonReply = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': JSON_TYPE, ...headers },
  steps: [bytes(`${JSON.stringify(value, null, 2)}\n`)],
});

export const htmlReply = (html: string, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  steps: [bytes(html)],
});

export const redirectReply = (location: string): Reply => ({ status: 302, headers: { location }, steps: [] });

/** The page that Google's front end shows for an address without a service behind it. */
export const lostReply = (path: string): Reply =>
  htmlReply(
    `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That’s an error.</ins>
  <p>The requested URL <code>${path.replace(/[&<>"]/g, '')}</code> was not found on this server.  <ins>That’s all we know.</ins>
`,
    404,
  );

const TYPES = { sse: 'text/event-stream', array: JSON_TYPE, whole: JSON_TYPE } satisfies Record<Form, string>;

export const event = (text: string, lineEnd = '\r\n'): string => `data: ${text}${lineEnd}${lineEnd}`;

const written = ({ form, texts, paceMs }: Chunks): readonly Step[] => {
  const pieces = texts.map((text, index) => {
    switch (form) {
      case 'sse':
        return event(text);
      case 'array':
        return `${index === 0 ? '[' : ',\r\n'}${text}\n${index === texts.length - 1 ? ']\n' : ''}`;
      case 'whole':
        return text;
    }
  });
  return pieces.flatMap((piece) => (paceMs > 0 ? [wait(paceMs), bytes(piece)] : [bytes(piece)]));
};

export const chunksReply = (chunks: Chunks): Reply => ({
  status: 200,
  headers: { 'content-type': TYPES[chunks.form] },
  steps: written(chunks),
  chunks,
});
