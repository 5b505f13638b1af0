/** Over Code Assist, which paints nothing: whoever asks for a picture learns which models paint, and by which door. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());

const PAINTERS = ['gemini-3-pro-image-preview', 'gemini-2.5-flash-image'];
const DOORS = ['UPSTREAM=gemini-api', 'UPSTREAM=vertex'];

interface Refused {
  readonly error: { readonly message: string; readonly param: string };
}

const refusalOf = async (path: string, model: string | undefined): Promise<Refused['error'] & { status: number }> => {
  const body = path.startsWith('/v1/images') ? { prompt: 'A cat' } : { messages: [{ role: 'user', content: 'Hello' }] };
  const response = await relay.post(path, { model, ...body });
  return { status: response.status, ...((await response.json()) as Refused).error };
};

/** Of the models that the relay knows. */
const namedIn = async (message: string): Promise<readonly string[]> => {
  const { data } = (await (await relay.fetch('/v1/models')).json()) as { data: { id: string }[] };
  const words = new Set(message.split(/[^\w.-]+/).map((word) => word.replace(/\.$/, '')));
  return data.map(({ id }) => id).filter((id) => words.has(id));
};

describe('a picture', () => {
  test.each([
    undefined,
    'dall-e-3',
    'gemini-2.5-flash-image',
    'gemini-9-flash-image',
    'imagen-9',
    'gemini-2.5-pro',
    'x',
  ])('by %s', async (model) => {
    const { status, param, message } = await refusalOf('/v1/images/generations', model);
    expect([status, param]).toEqual([400, 'model']);
    for (const word of [...PAINTERS, ...DOORS]) expect(message).toContain(word);
    expect(await namedIn(message)).toEqual([]);
  });
});

describe('an answer', () => {
  test.each(['gemini-2.5-flash-image', 'gemini-9-flash-image'])('by %s names the doors', async (model) => {
    const { status, message } = await refusalOf('/v1/chat/completions', model);
    expect(status).toBe(404);
    for (const word of DOORS) expect(message).toContain(word);
    expect(await namedIn(message)).toEqual([]);
  });

  test('by a slip of the pen: what is named is not said to be in the list, where it is not', async () => {
    const { message } = await refusalOf('/v1/chat/completions', 'gemini-2.5-flash-imgae');
    expect(message).toContain('The nearest ids: gemini-2.5-flash-image');
    expect(message).toContain('with UPSTREAM=gemini-api.');
    expect(message).not.toContain('GET /v1/models');
  });

  test.each(['gemini-2.5-flash-imgae', 'imagen-9', 'nano-banana-9'])(
    'by %s: no model is named that paints nothing',
    async (model) => {
      const { status, message } = await refusalOf('/v1/chat/completions', model);
      expect(status).toBe(404);
      for (const word of PAINTERS) expect(message).toContain(word);
      expect(await namedIn(message)).toEqual([]);
    },
  );
});
