/** Forms with files as networks and odd clients bring them. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { rawHead } from '../promises/support.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api' });
});
beforeEach(() => {
  relay.simulator.reset();
});
afterAll(() => relay.close());

const BOUNDARY = 'the-boundary';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);

const part = (disposition: string, bytes: Buffer | string, type?: string): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data${disposition}\r\n`),
    Buffer.from(type === undefined ? '\r\n' : `Content-Type: ${type}\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ]);
const END = Buffer.from(`--${BOUNDARY}--\r\n`);
const picture = (name: string): Buffer =>
  part(`; name="image[]"; filename="${name.slice(0, 20)}.png"`, Buffer.concat([PNG, Buffer.from(name)]), 'image/png');
const PROMPT = part('; name="prompt"', 'a hat');

const HEADERS = [`Content-Type: multipart/form-data; boundary=${BOUNDARY}`, 'Connection: close'];

const headOf = (path: string, form: Buffer): Buffer => {
  const head = rawHead(path, [...HEADERS, `Content-Length: ${form.length}`]);
  return Buffer.from(head.replace('Content-Type: application/json\r\n', ''));
};

/** In two pieces that come apart; what is said on the connection until its end. */
const send = async (path: string, form: Buffer, cut: number): Promise<string> => {
  const socket = connect(relay.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.setNoDelay().write(Buffer.concat([headOf(path, form), form.subarray(0, cut)]));
  await delay(10);
  socket.write(form.subarray(cut));
  await closed;
  return text;
};

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

interface Asked {
  readonly contents: readonly { readonly parts: readonly { readonly inlineData?: { readonly data: string } }[] }[];
}

/** The names at the end of the pictures that Google was sent. */
const picturesAsked = (): string[] => picturesIn(relay.simulator.asked('generate').at(-1)?.text ?? '{}');

const picturesIn = (asked: string): string[] => {
  const { contents } = JSON.parse(asked) as Asked;
  return (contents[0]?.parts ?? [])
    .flatMap(({ inlineData }) => (inlineData ? [Buffer.from(inlineData.data, 'base64')] : []))
    .map((bytes) => bytes.subarray(PNG.length).toString());
};

describe('pictures', () => {
  const first = picture('first');
  const form = Buffer.concat([first, picture('second'), picture('third'), PROMPT, END]);

  test.each(Array.from({ length: 20 }, (_none, index) => index - 3))(
    'keep their order wherever the network cuts the form: %i bytes from where one ends',
    async (offset) => {
      expect(statusOf(await send('/v1/images/edits', form, first.length + offset))).toBe(200);
      expect(picturesAsked()).toEqual(['first', 'second', 'third']);
    },
  );

  test('a large one goes with each call as it came', async () => {
    const name = 'large, '.repeat(1_000_001);
    const two = Buffer.concat([picture(name), picture('small'), PROMPT, part('; name="n"', '2'), END]);
    expect(statusOf(await send('/v1/images/edits', two, 1))).toBe(200);
    expect(relay.simulator.asked('generate')).toHaveLength(2);
    for (const { text } of relay.simulator.asked('generate')) expect(picturesIn(text)).toEqual([name, 'small']);
  });

  test.each(['constructor', 'toString', '__proto__'])('a field %s is a field like others', async (name) => {
    const answer = await send(
      '/v1/images/edits',
      Buffer.concat([first, part(`; name="${name}"`, 'x'), PROMPT, END]),
      1,
    );
    expect(statusOf(answer)).toBe(200);
    expect(answer).toMatch(new RegExp(`\\r\\nx-relay-ignored: ${name}\\r\\n`, 'i'));
    const file = part(`; name="${name}"; filename="x.png"`, PNG, 'image/png');
    const refused = await send('/v1/images/edits', Buffer.concat([file, PROMPT, END]), 1);
    expect(statusOf(refused)).toBe(400);
    expect(refused).toContain(`'${name}' is no file that this address takes`);
  });
});

const FILE = part('; name="file"; filename="a.txt"', 'hello');
const PURPOSE = part('; name="purpose"', 'batch');

describe.each(['/v1/files', '/v1/images/edits', '/v1/audio/transcriptions'])('%s', (path) => {
  test.each<[string, Buffer, RegExp]>([
    ['a field without a name', part('', 'x'), /a part without a name/],
    ['a field with an empty name', part('; name=""', 'x'), /a part without a name/],
    ['a file without a name', part('; filename="a.txt"', 'x'), /a part without a name/],
    ['a field in other letters', part('; name="user"', 'x', 'text/plain; charset=gbk'), /'user'.*UTF-8/],
  ])('%s is a 400 that says so', async (_name, odd, expected) => {
    const answer = await send(path, Buffer.concat([odd, END]), 1);
    expect(statusOf(answer)).toBe(400);
    expect(answer).toMatch(expected);
  });
});

/** What the relay's key has at Google, whoever knows of it. */
const filesAtGoogle = async (): Promise<readonly unknown[]> => {
  const { url, apiKey } = relay.simulator;
  const answer = await fetch(`${url}/v1beta/files`, { headers: { 'x-goog-api-key': apiKey } });
  return ((await answer.json()) as { readonly files?: readonly unknown[] }).files ?? [];
};

/** Of the part behind a file: so much that the file has ended. */
const BEGUN = BOUNDARY.length + 10;

const PATIENCE = { timeout: 3000 };

describe('a file that is refused for what comes behind it', () => {
  test.each<[string, readonly Buffer[]]>([
    ['a purpose that there is not', [FILE, part('; name="purpose"', 'x'), END]],
    ['no end', [FILE, PURPOSE]],
    ['a second file', [FILE, PURPOSE, FILE, END]],
    ['a file of another name', [FILE, PURPOSE, part('; name="x"; filename="b.txt"', 'x'), END]],
    ['a field without a name', [FILE, PURPOSE, part('', 'x'), END]],
    ['too many fields', [FILE, PURPOSE, ...Array.from({ length: 40 }, () => part('; name="q"', 'x')), END]],
  ])('is not left at Google: %s', async (_name, parts) => {
    expect(statusOf(await send('/v1/files', Buffer.concat(parts), FILE.length + 10))).toBe(400);
    expect(await filesAtGoogle()).toEqual([]);
  });

  test('is not left at Google: a client who leaves', async () => {
    const form = Buffer.concat([FILE, PURPOSE, END]);
    const socket = connect(relay.port, '127.0.0.1').on('error', () => undefined);
    socket.write(Buffer.concat([headOf('/v1/files', form), form.subarray(0, FILE.length + BEGUN)]));
    await vi.waitFor(async () => {
      expect(await filesAtGoogle()).toHaveLength(1);
    }, PATIENCE);
    socket.destroy();
    await vi.waitFor(async () => {
      expect(await filesAtGoogle()).toEqual([]);
    }, PATIENCE);
  });

  test('one that is taken is there', async () => {
    expect(statusOf(await send('/v1/files', Buffer.concat([FILE, PURPOSE, END]), FILE.length + 10))).toBe(200);
    expect(await filesAtGoogle()).toHaveLength(1);
  });
});
