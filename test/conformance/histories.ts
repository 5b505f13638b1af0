/** Conversations that clients send and that Google refuses as they stand. */
import { chat, differs, generate } from './case.ts';
import type { Ask, Body, Case } from './case.ts';

export const NOT_THERE = 'Code Assist has no models that paint';

const PAINTER = 'gemini-3-pro-image-preview';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SENTINEL = { thoughtSignature: 'skip_thought_signature_validator' };
/** Well-formed, and of another backend. */
const FOREIGN = { thoughtSignature: Buffer.from('signed by somebody else entirely').toString('base64') };
const PICTURE = { inlineData: { mimeType: 'image/png', data: PIXEL } };

const user = (...parts: readonly object[]): Body => ({ role: 'user', parts });
const model = (...parts: readonly object[]): Body => ({ role: 'model', parts });

const said = (contents: readonly Body[], more: Body = {}, name?: string): Ask =>
  generate('', { contents, ...more }, name);

const bluer = (...answer: readonly object[]): Ask =>
  said([user({ text: 'A bicycle' }), model(...answer), user({ text: 'Bluer' })], {}, PAINTER);

const bluerInChat = (content: string): Ask =>
  chat('', {
    model: PAINTER,
    messages: [
      { role: 'user', content: 'A bicycle' },
      { role: 'assistant', content },
      { role: 'user', content: 'Bluer' },
    ],
  });

const painted = (...parts: readonly Body[]) =>
  ({
    status: differs(NOT_THERE, 200, { 'code-assist': 404 }),
    says: differs<string | RegExp>(NOT_THERE, 'image/png', { 'code-assist': /UPSTREAM=gemini-api or UPSTREAM=vertex/ }),
    sent: { contents: [{}, { parts }, {}] },
  }) as const;

/** Models that paint want their signatures back, and most clients have none to give. */
export const paintings: readonly Case[] = [
  {
    name: 'a second turn after a picture, as markdown or as data',
    openai: bluerInChat(`Here it is.\n\n![image](data:image/png;base64,${PIXEL})`),
    gemini: bluer({ text: 'Here it is.\n\n' }, PICTURE),
    ...painted({ text: 'Here it is.\n\n', ...SENTINEL }, { ...PICTURE, ...SENTINEL }),
  },
  {
    name: 'a second turn after nothing but text',
    openai: bluerInChat('What kind?'),
    gemini: bluer({ text: 'What kind?' }),
    ...painted({ text: 'What kind?', ...SENTINEL }),
  },
  {
    name: 'signatures of another backend: asked once more, with the sentinel wherever one is wanted',
    gemini: bluer({ text: 'Here it is.', ...FOREIGN }, { ...PICTURE, ...FOREIGN }),
    status: differs(NOT_THERE, 200, { 'code-assist': 404 }),
    calls: differs(NOT_THERE, 2, { 'code-assist': 1 }),
    sent: differs<Body>(
      NOT_THERE,
      { contents: [{}, model({ text: 'Here it is.', ...SENTINEL }, { ...PICTURE, ...SENTINEL }), {}] },
      { 'code-assist': {} },
    ),
  },
];
