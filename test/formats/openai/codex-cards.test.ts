import { afterEach, expect, test } from 'vitest';
import { serve, type Served } from './serve.ts';

let served: Served | undefined;
afterEach(() => served?.close());

interface List {
  readonly data: readonly { readonly id: string }[];
  readonly models?: readonly Record<string, unknown>[];
}

test('Codex gets cards beside the list, everybody else the list alone', async () => {
  served = await serve();
  const plain = (await (await served.fetch('/v1/models')).json()) as List;
  const answer = await served.fetch('/v1/models?client_version=0.171.0');
  const { data, models = [] } = (await answer.json()) as List;
  expect(plain).not.toHaveProperty('models');
  expect(data).toEqual(plain.data);
  const slugs = models.map(({ slug }) => slug);
  expect(slugs).toContain('gemini-3.8-flash');
  expect(slugs.join()).not.toMatch(/embedding|image|nothinking/);
  expect(models.find(({ slug }) => slug === 'gemini-3.8-flash')).toMatchObject({
    context_window: 1_048_576,
    default_reasoning_level: 'medium',
    supported_reasoning_levels: [{ effort: 'low' }, { effort: 'medium' }, { effort: 'high' }],
    input_modalities: ['text', 'image'],
    apply_patch_tool_type: 'freeform',
    supports_search_tool: false,
    use_responses_lite: false,
    visibility: 'list',
    supported_in_api: true,
  });
});

test('who has the cards already is told so by their tag', async () => {
  served = await serve();
  const etag = (await served.fetch('/v1/models?client_version=1')).headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
  const again = await served.fetch('/v1/models?client_version=1', { headers: { 'if-none-match': etag } });
  expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
});
