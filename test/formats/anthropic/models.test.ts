import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../../support/relay.ts';
import type { TestRelay } from '../../support/relay.ts';

interface Row {
  readonly type: string;
  readonly id: string;
  readonly display_name: string;
  readonly created_at: string;
  readonly max_input_tokens: number;
  readonly max_tokens: number;
  readonly line: string | null;
  readonly capabilities: Readonly<Record<string, { readonly supported: boolean }>>;
}

interface Page {
  readonly data: readonly Row[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

const headers = { 'anthropic-version': '2023-06-01' };

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());

const page = async (query: string): Promise<Page> =>
  (await (await relay.fetch(`/v1/models${query}`, { headers })).json()) as Page;

describe('GET /v1/models with anthropic-version', () => {
  test('lists names of Claude first, each with the model that serves it, then the models that chat', async () => {
    const all = await page('?limit=1000');
    const heads = all.data.map(({ type, id, display_name, created_at }) => ({ type, id, display_name, created_at }));
    expect(heads.slice(0, 5)).toEqual(
      [
        ['claude-opus', 'Claude Opus (served by Gemini 3.1 Pro)'],
        ['claude-sonnet', 'Claude Sonnet (served by Gemini 3.8 Flash)'],
        ['claude-haiku', 'Claude Haiku (served by Gemini 3.5 Flash-Lite)'],
        ['claude-fable', 'Claude Fable (served by Gemini 3.1 Pro)'],
        ['claude-mythos', 'Claude Mythos (served by Gemini 3.1 Pro)'],
      ].map(([id, display_name]) => ({
        type: 'model',
        id,
        display_name,
        created_at: expect.stringMatching(/^20.*Z$/) as string,
      })),
    );
    expect(all.data.map(({ id }) => id)).toContain('gemini-2.5-flash');
    expect(all.data.map(({ id }) => id).join()).not.toContain('embedding');
    expect(all).toMatchObject({ has_more: false, first_id: 'claude-opus', last_id: all.data.at(-1)?.id });
  });

  test('tells of each what the SDK has in its type, and what is known of it', async () => {
    const rows = new Map((await page('?limit=1000')).data.map((row) => [row.id, row]));
    expect(rows.get('claude-haiku')).toMatchObject({ line: 'haiku', max_input_tokens: 1_048_576, max_tokens: 65_536 });
    const flash = rows.get('gemini-2.5-flash');
    expect(flash).toMatchObject({
      ...{ line: null, lifecycle: 'active', deprecated_at: null, retires_at: null, allowed_fallback_models: [] },
      capabilities: {
        batch: { supported: false },
        effort: { supported: true, low: { supported: true }, max: { supported: true } },
        server_tools: { supported: true, web_search: { supported: true }, code_execution: { supported: true } },
        thinking: { supported: true, types: { adaptive: { supported: true }, between_tools: { supported: true } } },
      },
    });
    const can = (id: string) =>
      Object.entries(rows.get(id)?.capabilities ?? {}).flatMap(([name, { supported }]) => (supported ? [name] : []));
    const general = ['image_input', 'pdf_input', 'server_tools', 'structured_outputs'];
    expect(can('gemini-2.5-flash').sort()).toEqual(['effort', ...general, 'thinking']);
    expect(can('gemini-2.5-flash-nothinking').sort()).toEqual(general);
    expect(can('gemma-4-31b-it')).toEqual(['image_input']);
  });

  test.each([
    ['lifecycle=active', 5],
    ['lifecycle[]=deprecated&lifecycle[]=active', 5],
    ['lifecycle=retired', 0],
    ['lifecycle[]=deprecated&lifecycle[]=retired', 0],
  ])('by stage: %s', async (query, count) => {
    expect((await page(`?limit=5&${query}`)).data).toHaveLength(count);
  });

  test('goes on from page to page, forwards and backwards', async () => {
    const all = await page('?limit=1000');
    const first = await page('?limit=2');
    expect(first).toEqual({
      data: all.data.slice(0, 2),
      has_more: true,
      first_id: 'claude-opus',
      last_id: 'claude-sonnet',
    });
    expect((await page('?limit=2&after_id=claude-sonnet')).data).toEqual(all.data.slice(2, 4));
    expect(await page('?limit=2&before_id=claude-fable')).toMatchObject({ data: all.data.slice(1, 3), has_more: true });
    expect(await page(`?after_id=${all.last_id ?? ''}`)).toEqual({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
    expect((await page('')).data).toHaveLength(20);
  });

  test('one model, by any of its names', async () => {
    const one = async (id: string) => (await relay.fetch(`/v1/models/${id}`, { headers })).json();
    expect(await one('claude-opus')).toMatchObject({
      id: 'claude-opus',
      display_name: expect.stringContaining('served by') as string,
    });
    expect(await one('claude-opus-5%5B1m%5D')).toMatchObject({ type: 'model', id: 'claude-opus-5[1m]' });
    expect(await one('gemini-2.5-flash')).toMatchObject({ id: 'gemini-2.5-flash', display_name: 'Gemini 2.5 Flash' });
  });

  test.each([
    ['/v1/models/nothing', {}, 404, 'not_found_error'],
    ['/v1/models?lifecycle=young', {}, 400, 'invalid_request_error'],
    ['/v1/models?limit=0', {}, 400, 'invalid_request_error'],
    ['/v1/models?after_id=nothing', {}, 400, 'invalid_request_error'],
    ['/v1/models', { authorization: 'Bearer nope' }, 401, 'authentication_error'],
    ['/v1/nothing', {}, 404, 'not_found_error'],
  ])('%s: an error in its envelope', async (path, more, status, type) => {
    const answer = await relay.fetch(path, { headers: { ...headers, ...more } });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      type: 'error',
      error: { type, message: expect.any(String) as string },
      request_id: answer.headers.get('request-id'),
    });
    expect(answer.headers.get('request-id')).toBe(answer.headers.get('x-request-id'));
  });

  test('under /anthropic without the header; without both it is OpenAI’s list', async () => {
    expect(await (await relay.fetch('/anthropic/v1/models')).json()).toMatchObject({ first_id: 'claude-opus' });
    expect(await (await relay.fetch('/v1/models')).json()).toMatchObject({ object: 'list' });
  });
});

test('MODEL_ALIASES=off: no name of Claude is offered', async () => {
  const off = await startRelay({ env: { MODEL_ALIASES: 'off' } });
  try {
    expect(await (await off.fetch('/v1/models', { headers })).text()).not.toContain('claude');
  } finally {
    await off.close();
  }
});
