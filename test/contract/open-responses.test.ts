/** The compliance cases of the open specification "Open Responses", by its names, over HTTP and every door. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEvent, openResponse, type OpenResponse } from '../support/open-responses.ts';
import { startRelay, type DoorName, type TestRelay } from '../support/relay.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather in a town.',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
};
const message = (role: string, content: unknown) => ({ type: 'message', role, content });
const text = (words: string) => ({ type: 'input_text', text: words });

/** What is asked, and the kind of item that has to be in the answer. */
const CASES: readonly (readonly [id: string, asked: object, holds: OpenResponse['output'][number]['type']])[] = [
  ['basic-response', { input: [message('user', 'Greet me in three words.')] }, 'message'],
  ['system-prompt', { input: [message('system', 'Answer like a sailor.'), message('user', 'Greet me.')] }, 'message'],
  [
    'tool-calling',
    { input: [message('user', 'What is the weather like in Oslo?')], tools: [WEATHER] },
    'function_call',
  ],
  [
    'image-input',
    {
      input: [
        message('user', [
          text('What is to be seen here?'),
          { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}` },
        ]),
      ],
    },
    'message',
  ],
  [
    'file-input',
    {
      input: [
        message('user', [
          text('What is the title?'),
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjE=' },
        ]),
      ],
    },
    'message',
  ],
  [
    'multi-turn',
    {
      input: [
        message('user', 'My name is Ann.'),
        message('assistant', 'Hello Ann!'),
        message('user', 'What is my name?'),
      ],
    },
    'message',
  ],
];

describe.each<DoorName>(['code-assist', 'gemini-api', 'vertex'])('Open Responses through %s', (door) => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({ door });
  });
  afterAll(() => relay.close());

  const ask = async (body: object): Promise<OpenResponse> => {
    const answer = await relay.post('/v1/responses', { model: 'gemini-3-pro-preview', ...body });
    expect(answer.status).toBe(200);
    return openResponse.parse(await answer.json());
  };

  const stream = async (body: object) => {
    const answer = await relay.post('/v1/responses', { model: 'gemini-3-pro-preview', ...body, stream: true });
    expect(answer.status).toBe(200);
    const events = [...(await answer.text()).matchAll(/^data: (.*)$/gm)].map(([, json = '']) =>
      openEvent.parse(JSON.parse(json)),
    );
    const last = events.at(-1);
    return { types: events.map(({ type }) => type), response: openResponse.parse(last?.['response']) };
  };

  const check = (response: OpenResponse, holds: string): void => {
    expect(response.status).toBe('completed');
    expect(response.completed_at).toBeGreaterThanOrEqual(response.created_at);
    expect(response.output.map(({ type }) => type)).toContain(holds);
  };

  it.each(CASES)('%s', async (_id, asked, holds) => {
    check(await ask(asked), holds);
  });

  it.each(CASES)('streaming-response: %s', async (_id, asked, holds) => {
    const { types, response } = await stream({ ...asked, reasoning: { summary: 'auto' } });
    check(response, holds);
    expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
    if (holds === 'function_call') expect(types).toContain('response.function_call_arguments.delta');
    else expect(types).toContain('response.output_text.delta');
  });

  it('function-call-roundtrip', async () => {
    const asked = [message('user', 'What is the weather like in Oslo?')];
    const tool_choice = { type: 'function', name: 'get_weather' };
    const { output } = await ask({ input: asked, tools: [WEATHER], tool_choice, store: false });
    const call = output.find((one) => one.type === 'function_call');
    const given = { type: 'function_call_output', call_id: call?.call_id, output: 'rain' };
    check(await ask({ input: [...asked, ...output, given], tools: [WEATHER], store: false }), 'message');
  });

  it('previous-response-id', async () => {
    const { id } = await ask({ input: 'Remember: papaya.' });
    const next = await ask({ input: 'What was it?', previous_response_id: id });
    expect(next.previous_response_id).toBe(id);
    check(next, 'message');
  });
});

describe('what a response says of its own settings', () => {
  it.each<[DoorName, object, Partial<OpenResponse>]>([
    ['gemini-api', { service_tier: 'flex' }, { service_tier: 'flex' }],
    ['gemini-api', { service_tier: 'auto' }, { service_tier: 'default' }],
    ['vertex', { service_tier: 'priority' }, { service_tier: 'default' }],
    ['vertex', { temperature: 0.5, top_p: 0.5 }, { temperature: 0.5, top_p: 0.5 }],
    ['vertex', {}, { temperature: 1, top_p: 0.95, presence_penalty: 0, frequency_penalty: 0 }],
  ])('is what was used (%s, %j)', async (door, asked, expected) => {
    const relay = await startRelay({ door });
    try {
      const body = { model: 'gemini-2.5-flash', input: 'Hello', ...asked };
      const answer = openResponse.parse(await (await relay.post('/v1/responses', body)).json());
      expect(answer).toMatchObject(expected);
      const streamed = await (await relay.post('/v1/responses', { ...body, stream: true })).text();
      expect(
        JSON.parse(/^data: (.*)\n\n$/m.exec(streamed.slice(streamed.lastIndexOf('event: ')))?.[1] ?? ''),
      ).toMatchObject({
        response: expected,
      });
    } finally {
      await relay.close();
    }
  });
});
