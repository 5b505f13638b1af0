import { describe, expect, it } from 'vitest';
import { failed, RelayError } from '../../../../src/errors.ts';
import { openSummary } from '../../../../src/formats/openai/responses/compaction.ts';
import { Namespaces } from '../../../../src/formats/openai/responses/namespaces.ts';
import { readCarrier } from '../../../../src/conversation/signature-carrier.ts';
import { candidate } from '../../../support/gemini-chunk.ts';
import { createPlan, items, READING, stream, streamText, whole } from './encoding.ts';

const STOP = candidate([], { finishReason: 'STOP' });
const SIGNATURE = 'QUJDRA==';
const FAMILY = READING.resolved.model.family;
const text = (said: string, more: object = {}) => candidate([{ text: said }], more as Record<string, unknown>);
const thought = (said: string) => candidate([{ text: said, thought: true }]);
const calls = (...parts: readonly object[]) => candidate(parts, { finishReason: 'STOP' });
const call = (name: string, args: object = {}, signature?: string) => ({
  functionCall: { name, args },
  ...(signature !== undefined && { thoughtSignature: signature }),
});
const carried = (item: object | undefined) =>
  readCarrier((item as { encrypted_content?: string } | undefined)?.encrypted_content, FAMILY);

describe('a text', () => {
  it('is a message of one part, told event by event', () => {
    const { order, last, response } = stream([text('Hel'), text('lo "you" 😀'), STOP]);
    expect(order).toEqual([
      ...['created', 'in_progress', 'output_item.added', 'content_part.added', 'output_text.delta'],
      ...['output_text.done', 'content_part.done', 'output_item.done', 'completed'],
    ]);
    expect(last).toBe('response.completed');
    expect(response).toMatchObject({
      status: 'completed',
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hello "you" 😀', annotations: [] }],
        },
      ],
    });
  });

  it('is the same whole and streamed', async () => {
    await expect(items([thought('Hm.'), text('a'), text('b'), STOP])).resolves.toHaveLength(2);
  });

  it('is an empty message where the model says nothing', async () => {
    await expect(items([candidate([{ text: '' }], { finishReason: 'STOP' })])).resolves.toMatchObject([
      { type: 'message', content: [{ type: 'output_text', text: '' }] },
    ]);
  });

  it('keeps counting through batches that say nothing', () => {
    expect(stream([text('a'), { usageMetadata: { promptTokenCount: 1 } }, STOP]).events).toHaveLength(9);
  });

  it('is told with the logarithms of its tokens where those are wanted', async () => {
    const logprobsResult = { chosenCandidates: [{ token: 'a', logProbability: -0.5 }] };
    const [message] = await items([text('a', { logprobsResult, finishReason: 'STOP' })], { logprobs: true });
    expect(message).toMatchObject({
      content: [{ logprobs: [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [] }] }],
    });
  });
});

describe('thoughts', () => {
  it('are summaries, one for each titled thought', async () => {
    const output = await items([
      thought('**One**\n\nFirst.\n'),
      thought('More.\n\n'),
      thought('**Two**\n\nx'),
      text('a'),
      STOP,
    ]);
    expect(output[0]).toMatchObject({
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: '**One**\n\nFirst.\nMore.\n\n' },
        { type: 'summary_text', text: '**Two**\n\nx' },
      ],
    });
    expect(output[0]).not.toHaveProperty('encrypted_content');
  });

  it('are left out where nobody asked for them', async () => {
    const output = await items([thought('**One**\n\n'), text('a'), STOP], { showThoughts: false });
    expect(output.map(({ type }) => type)).toEqual(['message']);
  });
});

describe('calls', () => {
  it('are items of their own, their arguments in one piece', async () => {
    const output = await items([calls(call('f', { a: 1 }), call('g'))]);
    expect(output).toMatchObject([
      { type: 'function_call', status: 'completed', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call', name: 'g', arguments: '{}' },
    ]);
  });

  it('keep the spelling of numbers', async () => {
    const chunk =
      '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"n":9007199254740993,"x":1.0}}}]},"finishReason":"STOP"}]}';
    await expect(items([chunk])).resolves.toMatchObject([{ arguments: '{"n":9007199254740993,"x":1.0}' }]);
  });

  it.each([
    ['with thoughts before it', [thought('Hm.')], 1],
    ['without a thought', [], 0],
  ])('carry a signature in the item directly before them: %s', async (_name, before, summaries) => {
    const output = await items([...before, calls(call('f', {}, SIGNATURE), call('g'))], { carriers: true });
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'function_call', 'function_call']);
    expect(output[0]?.['summary']).toHaveLength(summaries);
    expect(carried(output[0])).toEqual({ signature: SIGNATURE, family: FAMILY, callId: output[1]?.['call_id'] });
  });

  it('carry it behind a text as well', async () => {
    const output = await items([text('I look.'), calls(call('f', {}, SIGNATURE))], { carriers: true });
    expect(output.map(({ type }) => type)).toEqual(['message', 'reasoning', 'function_call']);
  });

  it('are remembered with it where the client keeps nothing', async () => {
    const { plan, remembered } = createPlan();
    const { output } = await whole([calls(call('f', {}, SIGNATURE))], {}, plan);
    expect(output.map(({ type }) => type)).toEqual(['function_call']);
    expect(remembered).toEqual([{ id: output[0]?.['call_id'], name: 'f', args: '{}', signature: SIGNATURE }]);
  });

  it('of a namespace have two fields, in every event that names them', () => {
    const namespaces = new Namespaces(new Set());
    const { events } = stream([calls(call(namespaces.join('agents', 'spawn'), { a: 1 }))], { namespaces });
    const named = events.filter((event) => 'name' in event || 'name' in ((event['item'] as object | undefined) ?? {}));
    expect(named.map(({ type }) => type)).toEqual([
      ...['response.output_item.added', 'response.function_call_arguments.delta'],
      ...['response.function_call_arguments.done', 'response.output_item.done'],
    ]);
    for (const event of named) {
      const holder = 'name' in event ? event : event['item'];
      expect(holder).toMatchObject({ name: 'spawn', namespace: 'agents' });
    }
  });

  it('of custom tools come back as the raw text', async () => {
    const customTools = new Set(['patch']);
    const output = await items([calls(call('patch', { input: '*** "Begin"\n' }))], { customTools });
    expect(output).toMatchObject([{ type: 'custom_tool_call', name: 'patch', input: '*** "Begin"\n' }]);
  });

  it('are one where the client wants one at a time', async () => {
    await expect(items([calls(call('f'), call('g'))], { singleCall: true })).resolves.toHaveLength(1);
  });
});

describe('a signed text', () => {
  const chunks = [text('Hello'), candidate([{ text: '', thoughtSignature: SIGNATURE }], { finishReason: 'STOP' })];

  it('has its carrier behind it: it comes behind the last word', async () => {
    const output = await items(chunks, { carriers: true });
    expect(output.map(({ type }) => type)).toEqual(['message', 'reasoning']);
    expect(carried(output[1])).toEqual({ signature: SIGNATURE, family: FAMILY, callId: undefined });
  });

  it('is a text like any other where none is wanted', async () => {
    await expect(items(chunks)).resolves.toHaveLength(1);
  });
});

describe('sources', () => {
  const groundingMetadata = {
    groundingChunks: [{ web: { uri: 'https://a.example/', title: 'A' } }],
    groundingSupports: [{ segment: { startIndex: 0, endIndex: 5, text: 'Hello' }, groundingChunkIndices: [0] }],
  };

  it('are annotations of the text', async () => {
    const [message] = await items([text('Hello you', { groundingMetadata, finishReason: 'STOP' })]);
    expect(message).toMatchObject({
      content: [
        {
          annotations: [{ type: 'url_citation', start_index: 0, end_index: 5, url: 'https://a.example/', title: 'A' }],
        },
      ],
    });
  });

  describe('that were searched for', () => {
    const found = { ...groundingMetadata, webSearchQueries: ['hello origin', 'hello you'] };
    const chunks = [text('Hello '), text('you', { groundingMetadata: found, finishReason: 'STOP' })];
    const action = { type: 'search', query: 'hello origin; hello you', queries: ['hello origin', 'hello you'] };
    const search = { type: 'web_search_call', status: 'completed', action };
    const types = (output: readonly object[]) => output.map((item) => (item as { type: string }).type);

    it('have the search as an item of its own: before the text, and in a stream behind what was told by then', async () => {
      const { output } = await whole(chunks);
      expect(output).toMatchObject([search, { type: 'message', content: [{ annotations: [{ start_index: 0 }] }] }]);
      expect((output[0] as { id: string }).id).toMatch(/^ws_/);
      const { response, order } = stream(chunks);
      expect(response.output).toMatchObject([{ type: 'message' }, search]);
      expect(order.slice(-7)).toEqual([
        ...['output_item.done', 'output_item.added', 'web_search_call.in_progress', 'web_search_call.searching'],
        ...['web_search_call.completed', 'output_item.done', 'completed'],
      ]);
    });

    it('are told with it where the client asks for them', async () => {
      const sources = [{ type: 'url', url: 'https://a.example/' }];
      const { output } = await whole(chunks, { searchSources: true });
      expect(output[0]).toMatchObject({ action: { ...action, sources } });
      expect(stream(chunks, { searchSources: true }).response.output[1]).toMatchObject({ action: { sources } });
    });

    it('leave the signature of a text beside it', () => {
      const signed = [...chunks.slice(0, 1), candidate([{ text: 'you', thoughtSignature: SIGNATURE }]), chunks[1]];
      expect(types(stream(signed, { carriers: true }).response.output)).toEqual([
        ...['message', 'reasoning', 'web_search_call'],
      ]);
    });

    it('have it behind a call of a function, too', async () => {
      const called = [text('I look.'), candidate([call('f')], { groundingMetadata: found, finishReason: 'STOP' })];
      expect(types((await whole(called)).output)).toEqual(['message', 'function_call', 'web_search_call']);
      expect(types(stream(called).response.output)).toEqual(['message', 'function_call', 'web_search_call']);
    });
  });

  it('are no search where the model read what it was given', async () => {
    const chunks = [text('Hello you', { groundingMetadata, finishReason: 'STOP' })];
    expect((await whole(chunks)).output).toHaveLength(1);
  });
});

describe('an image', () => {
  const chunk = candidate([{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }], { finishReason: 'STOP' });

  it('is an item where pictures were asked for, and markdown elsewhere', async () => {
    await expect(items([chunk], { imagesAs: 'images' })).resolves.toMatchObject([
      { type: 'image_generation_call', status: 'completed', result: 'AAAA', output_format: 'png' },
    ]);
    await expect(items([chunk])).resolves.toMatchObject([
      { type: 'message', content: [{ text: '![image](data:image/png;base64,AAAA)' }] },
    ]);
  });
});

describe('the end', () => {
  const cut = [text('Hal'), candidate([], { finishReason: 'MAX_TOKENS' })];

  it('is incomplete where the tokens ran out', async () => {
    const { last, response } = stream(cut);
    expect(last).toBe('response.incomplete');
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete', content: [{ text: 'Hal' }] }],
    });
    await expect(whole(cut)).resolves.toMatchObject({ status: 'incomplete' });
  });

  it('is called completed before Codex, which would ask again and again', () => {
    const { last, response } = stream(cut, {}, createPlan({ isCodex: () => true }).plan);
    expect(last).toBe('response.completed');
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('is a refusal where a filter left nothing', async () => {
    const chunks = [candidate([], { finishReason: 'SAFETY' })];
    const { order, response } = stream(chunks);
    expect(order).toContain('refusal.delta');
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
      output: [{ content: [{ type: 'refusal', refusal: 'Response blocked (SAFETY)' }] }],
    });
    await expect(items(chunks)).resolves.toHaveLength(1);
  });

  it('tells all six numbers', () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 155,
    };
    expect(stream([text('a'), { usageMetadata }, STOP]).response['usage']).toEqual({
      input_tokens: 105,
      input_tokens_details: { cached_tokens: 40, cache_write_tokens: 0 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 30 },
      total_tokens: 155,
    });
  });

  it('keeps what the client was told', () => {
    const { plan, kept } = createPlan();
    const { response } = stream([text('a'), STOP], {}, plan);
    expect(kept.map((json) => JSON.parse(json) as unknown)).toEqual([response]);
  });
});

describe('a stream that breaks', () => {
  const WAIT = failed('rate_limit_exceeded', 'Too many requests.', { retryAfterMs: 12_000 });

  it.each([
    ['rate_limit_exceeded', WAIT, /try again in 12s/],
    ['insufficient_quota', failed('insufficient_quota', 'The quota of today is used up.'), /used up/],
    ['context_length_exceeded', failed('context_length_exceeded', 'Too long.'), /Too long/],
    ['server_error', failed('upstream_incomplete', 'It broke off.'), /broke off/],
    ['server_error', new RelayError('UNAVAILABLE', 'Overloaded.'), /Overloaded/],
  ])('says so in a word that clients decide on: %s', (code, error, message) => {
    const { last, response } = stream([thought('Hm.'), text('Hal')], {}, createPlan().plan, error);
    expect(last).toBe('response.failed');
    expect(response).toMatchObject({
      status: 'failed',
      error: { code, message: expect.stringMatching(message) as string },
    });
    // What was not done is no answer.
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning']);
  });

  it('begins properly even where nothing had come', () => {
    expect(stream([], {}, createPlan().plan, WAIT).order).toEqual(['created', 'in_progress', 'failed']);
  });

  it('is no end where Google just stopped', () => {
    expect(() => streamText([text('Hal')])).toThrow(/incomplete|broke|before its end/i);
  });
});

describe('a conversation in few words', () => {
  it('is one item that can be opened again', async () => {
    const output = await items([thought('Hm.'), text('Ann wants '), text('tea.'), STOP], { compacts: true });
    expect(output).toHaveLength(1);
    expect(openSummary(output[0]?.['encrypted_content'])).toBe('Ann wants tea.');
  });
});
