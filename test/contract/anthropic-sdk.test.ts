import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resetAfter } from '../../src/simulator/faults.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { createCheckedMessages, type CheckedMessages } from '../support/checked-messages.ts';

const MODEL = 'gemini-3-pro-preview';
const BASIC = { model: MODEL, max_tokens: 4096 };
const WEATHER: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather somewhere.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
/** What the SDK's types have, so that a member of a later version is missed here first. */
const MEMBERS = {
  message: keysOf<Anthropic.Message>({
    ...{ id: 1, type: 1, role: 1, model: 1, content: 1, stop_reason: 1, stop_sequence: 1, stop_details: 1, usage: 1 },
    ...{ container: 1, diagnostics: 1 },
  }),
  usage: keysOf<Anthropic.Usage>({
    ...{ input_tokens: 1, output_tokens: 1, output_tokens_details: 1, server_tool_use: 1, service_tier: 1, speed: 1 },
    ...{ cache_creation: 1, cache_creation_input_tokens: 1, cache_read_input_tokens: 1, inference_geo: 1 },
  }),
  model: keysOf<Anthropic.Beta.BetaModelInfo>({
    ...{ id: 1, type: 1, display_name: 1, created_at: 1, line: 1, max_input_tokens: 1, max_tokens: 1 },
    ...{ capabilities: 1, lifecycle: 1, deprecated_at: 1, retires_at: 1, allowed_fallback_models: 1 },
  }),
  capabilities: keysOf<Anthropic.Beta.BetaModelCapabilities>({
    ...{ batch: 1, citations: 1, code_execution: 1, compaction: 1, context_management: 1, effort: 1, image_input: 1 },
    ...{ pdf_input: 1, server_tools: 1, structured_outputs: 1, thinking: 1 },
  }),
};

function keysOf<Type>(members: Readonly<Record<keyof Type, 1>>): readonly string[] {
  return Object.keys(members).sort();
}

const user = (content: string): Anthropic.MessageParam => ({ role: 'user', content });

let relay: TestRelay;
let client: Anthropic;
let checked: CheckedMessages;
beforeAll(async () => {
  relay = await startRelay();
  checked = createCheckedMessages();
  client = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0, fetch: checked.fetch });
});
beforeEach(() => {
  relay.simulator.reset();
});
afterAll(async () => {
  expect(await checked.count()).toBeGreaterThan(5);
  await relay.close();
});

const textIn = ({ content }: Anthropic.Message): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

describe('the Anthropic SDK', () => {
  it('creates, whole and streamed alike', async () => {
    const body = { ...BASIC, messages: [user('say exactly: Hello, you.')] };
    const whole = await client.messages.create(body);
    expect([whole.stop_reason, textIn(whole), whole.model]).toEqual(['end_turn', 'Hello, you.', MODEL]);
    expect(whole._request_id).toMatch(/^req_/);
    const stream = client.messages.stream(body);
    let text = '';
    stream.on('text', (delta) => (text += delta));
    const final = await stream.finalMessage();
    expect([textIn(final), text]).toEqual(['Hello, you.', 'Hello, you.']);
    expect(final.usage.input_tokens).toBeGreaterThan(0);
    expect(final.usage.output_tokens).toBeGreaterThan(0);
    expect(final.id).not.toBe(whole.id);
    // The SDK's own addition to what was streamed.
    const { parsed_output: _, ...streamed } = final;
    for (const message of [whole, streamed]) {
      expect(Object.keys(message).sort()).toEqual(MEMBERS.message);
      expect(Object.keys(message.usage).sort()).toEqual(MEMBERS.usage);
    }
  });

  it('thinks, shown and omitted', async () => {
    const messages = [user('think hard, and say exactly: So.')];
    const shown = await client.messages.stream({ ...BASIC, thinking: { type: 'adaptive' }, messages }).finalMessage();
    expect(shown.content).toMatchObject([{ type: 'thinking' }, { type: 'text', text: 'So.' }]);
    expect(shown.content[0]).toHaveProperty('thinking', expect.stringMatching(/./));
    const hidden = await client.messages.create({
      ...{ ...BASIC, messages },
      thinking: { type: 'adaptive', display: 'omitted' },
      output_config: { effort: 'high' },
    });
    expect(hidden.content).toMatchObject([
      { type: 'thinking', thinking: '' },
      { type: 'text', text: 'So.' },
    ]);
  });

  it('parses structured answers', async () => {
    const format = zodOutputFormat(z.object({ name: z.string(), age: z.number() }));
    const parsed = await client.messages.parse({ ...BASIC, messages: [user('Ann is 3.')], output_config: { format } });
    expect(parsed.parsed_output).toEqual({ name: expect.any(String) as string, age: expect.any(Number) as number });
  });

  it.each([true, false])('carries signatures over rounds of parallel calls (streamed: %s)', async (isStreamed) => {
    const body = { ...BASIC, tools: [WEATHER], thinking: { type: 'adaptive' as const } };
    const messages: Anthropic.MessageParam[] = [user('Weather in Oslo and Rome?')];
    for (let round = 0; round < 3; round += 1) {
      const asked = { ...body, messages };
      const answer = isStreamed
        ? await client.messages.stream(asked).finalMessage()
        : await client.messages.create(asked);
      messages.push({ role: 'assistant', content: answer.content });
      const calls = answer.content.filter((block) => block.type === 'tool_use');
      if (round === 0) expect([answer.stop_reason, calls.length]).toEqual(['tool_use', 2]);
      const results = calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'sunny' }));
      messages.push(calls.length > 0 ? { role: 'user', content: results } : user(`In Paris and Bern (${round})?`));
    }
    const sent = JSON.stringify(relay.simulator.asked('generate').at(-1)?.body);
    expect(sent).toContain('thoughtSignature');
    expect(sent).not.toContain('skip_thought_signature_validator');
  });

  it('runs tools by itself', async () => {
    const asked: string[] = [];
    const weather = betaZodTool({
      name: 'weather',
      description: 'The weather somewhere.',
      inputSchema: z.object({ city: z.string() }),
      run: ({ city }) => {
        asked.push(city);
        return 'sunny';
      },
    });
    for (const stream of [false, true]) {
      asked.length = 0;
      const runner = client.beta.messages.toolRunner({
        ...{ ...BASIC, stream, tools: [weather] },
        messages: [{ role: 'user', content: 'Weather in Oslo and Rome?' }],
      });
      const final = await runner.runUntilDone();
      expect(asked).toHaveLength(2);
      expect(JSON.stringify(final.content)).toContain('sunny');
      // It would rather have the conversation kept, and send what is new alone.
      expect(relay.simulator.requests.at(-1)?.text).toContain('Weather in Oslo and Rome?');
    }
  });

  it('gives the model more tools, and takes some away, while it runs them', async () => {
    const asked: string[] = [];
    const named = (name: string) =>
      betaZodTool({
        name,
        description: name,
        inputSchema: z.object({ q: z.string() }),
        run: () => `${asked.push(name)}`,
      });
    const runner = client.beta.messages.toolRunner({
      ...{ ...BASIC, tools: [named('first')], betas: ['inline-tools-2026-09-15'] },
      messages: [{ role: 'user', content: 'call first {"q":"a"}\ncall second {"q":"b"}' }],
    });
    for await (const message of runner) {
      const [name] = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.name] : []));
      if (name === 'first') runner.addTools(named('second'));
      if (name === 'second') runner.removeTools('first');
    }
    expect(asked).toEqual(['first', 'second']);
    const declared = relay.simulator.requests.map(({ text }) => {
      const { request } = JSON.parse(text) as { request: { tools: { functionDeclarations: { name: string }[] }[] } };
      return request.tools.flatMap(({ functionDeclarations }) => functionDeclarations.map(({ name }) => name));
    });
    expect(declared).toEqual([['first'], ['first', 'second'], ['second']]);
  });

  it('sends a conversation whole that it took to be kept', async () => {
    const thread = client.beta.messages.thread(BASIC);
    await thread.send([user('say exactly: one')]);
    const { content } = await thread.send([user('say exactly: two')]);
    expect(content.at(-1)).toMatchObject({ text: 'two' });
    const { text } = relay.simulator.requests.at(-1) ?? {};
    expect(text).toContain('say exactly: one');
  });

  it('searches, with what was found in blocks and citations', async () => {
    const answer = await client.messages.create({
      ...{ ...BASIC, messages: [user('Who won?')] },
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 5 }],
    });
    const types = answer.content.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['server_tool_use', 'web_search_tool_result', 'text']));
    expect(answer.content.at(-1)).toHaveProperty('citations.0.type', 'web_search_result_location');
    expect(answer.usage.server_tool_use?.web_search_requests).toBe(1);
    const next = await client.messages.create({
      ...{ ...BASIC, messages: [user('Who won?'), { role: 'assistant', content: answer.content }, user('And then?')] },
    });
    expect(next.stop_reason).toBe('end_turn');
  });

  it('counts, and lists models', async () => {
    const messages = [user('How long is it?')];
    const { input_tokens: few } = await client.messages.countTokens({ model: MODEL, messages });
    const { input_tokens: more } = await client.messages.countTokens({ model: MODEL, messages, tools: [WEATHER] });
    expect(few).toBeGreaterThan(0);
    expect(more).toBeGreaterThan(few);
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids[0]).toMatch(/^claude-/);
    expect(ids).toContain(MODEL);
    expect(await client.models.retrieve('claude-opus')).toMatchObject({ type: 'model', id: 'claude-opus' });
    const row = await client.beta.models.retrieve(MODEL);
    expect(Object.keys(row).sort()).toEqual(MEMBERS.model);
    expect(Object.keys(row.capabilities ?? {}).sort()).toEqual(MEMBERS.capabilities);
    expect(await client.models.list({ lifecycle: ['deprecated', 'retired'] })).toMatchObject({ data: [] });
  });

  it('hears what is wrong, as an error of its own kind', async () => {
    const ask = (content: string, more = {}) =>
      client.messages.create({ ...BASIC, messages: [user(content)], ...more });
    await expect(ask('x', { thinking: { type: 'perhaps' } })).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(ask('x', { model: 'gemini-nine' })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    await expect(ask('fail with 429')).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    await expect(ask('fail with 503')).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
    const other = new Anthropic({ baseURL: relay.url, apiKey: 'not-the-key-of-this-relay', maxRetries: 0 });
    await expect(other.messages.create({ ...BASIC, messages: [user('x')] })).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
  });

  it('hears in its own words that files and skills are not there', async () => {
    const { beta } = client;
    const OTHERS =
      /\/v1\/files is not available through this relay\. Send a file in its message, as base64 or by its url\./;
    const file = new File(['x'], 'x.txt');
    for (const [asked, says] of [
      [() => beta.files.upload({ file }), OTHERS],
      [() => beta.files.list(), OTHERS],
      [() => beta.skills.list(), /\/v1\/skills is not available through this relay\. The Anthropic API is served at/],
    ] as const) {
      const error: unknown = await Promise.resolve(asked()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Anthropic.NotFoundError);
      expect(error).toMatchObject({ type: 'not_found_error', message: expect.stringMatching(says) as string });
      expect((error as Error).message).not.toContain('The nearest');
    }
  });

  it('never takes a stream that broke for a whole one', async () => {
    relay.simulator.next('generate', resetAfter(3));
    const stream = client.messages.stream({ ...BASIC, messages: [user('stream 50 words')] });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });

  it.each(['/anthropic', '/'])('speaks under %s as well', async (base) => {
    const there = new Anthropic({ baseURL: relay.url + base, authToken: relay.key, apiKey: null, maxRetries: 0 });
    expect(textIn(await there.messages.create({ ...BASIC, messages: [user('say exactly: Here.')] }))).toBe('Here.');
  });
});
