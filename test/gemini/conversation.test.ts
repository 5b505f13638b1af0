import { describe, expect, test } from 'vitest';
import { conversationOf, sessionOf } from '../../src/gemini/conversation.ts';
import type { JsonObject } from '../../src/gemini/types.ts';
import { processorNow } from '../support/machine.ts';

describe('the session, as the client calls it', () => {
  test.each<[string, Record<string, string>, JsonObject | undefined, string | undefined]>([
    ['Codex', { 'session-id': 's1', 'thread-id': 't1', 'x-client-request-id': 'r' }, { prompt_cache_key: 'p' }, 's1'],
    [
      'a sub-agent of Codex, whose thread is another',
      { 'session-id': 's1', 'thread-id': 't2', 'x-codex-parent-thread-id': 't1', 'x-openai-subagent': 'review' },
      { prompt_cache_key: 'p' },
      's1',
    ],
    ['Codex before it named its session', { 'thread-id': 't1' }, {}, 't1'],
    ['Claude Code', { 'x-claude-code-session-id': 'c1' }, { metadata: { user_id: '{"session_id":"x"}' } }, 'c1'],
    ['Claude Code, by its body', {}, { metadata: { user_id: '{"session_id":"x"}' } }, '{"session_id":"x"}'],
    ['OpenCode', { 'x-session-affinity': 'ses_1', 'x-session-id': 'ses_1' }, {}, 'ses_1'],
    ['a key for the cache', {}, { prompt_cache_key: 'p' }, 'p'],
    ['Gemini CLI', {}, { session_id: 'g' }, 'g'],
    ['nobody', { 'x-client-request-id': 'r' }, { user: 'u', metadata: { other: 1 } }, undefined],
    [
      'empty words',
      { 'session-id': '' },
      { prompt_cache_key: '', metadata: { user_id: '' }, session_id: '' },
      undefined,
    ],
    ['other types', {}, { prompt_cache_key: 7, metadata: 'x', session_id: null }, undefined],
    ['no object', {}, undefined, undefined],
  ])('%s', (_client, headers, body, session) => {
    expect(sessionOf(headers, body)).toBe(session);
  });
});

describe('the conversation', () => {
  const said = (...texts: string[]) => ({
    contents: texts.map((text, index) => ({ role: index % 2 ? 'model' : 'user', parts: [{ text }] })),
  });

  test('is the same in each of its turns', () => {
    const first = conversationOf(undefined, 'owner', said('Hello'));
    expect(conversationOf(undefined, 'owner', said('Hello', 'Hi.', 'How are you?'))).toBe(first);
    expect(conversationOf(undefined, 'owner', { contents: [{ parts: [{ text: 'Hello' }] }] })).toBe(first);
  });

  test('is another for another caller, another beginning, another session', () => {
    const all = [
      conversationOf(undefined, 'owner', said('Hello')),
      conversationOf(undefined, 'somebody', said('Hello')),
      conversationOf(undefined, 'owner', said('Hello!')),
      conversationOf('s1', 'owner', said('Hello')),
      conversationOf('s2', 'owner', said('Hello')),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('of a named session begins with any words', () => {
    expect(conversationOf('s', 'owner', said('One'))).toBe(conversationOf('s', 'owner', said('Two')));
  });

  test('without words is still one', () => {
    const picture = { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }] };
    expect(conversationOf(undefined, 'owner', picture)).toBe(conversationOf(undefined, 'owner', {}));
  });

  test('megabytes of words cost no more than a page of them', () => {
    const words = said('x'.repeat(50_000_000));
    const startedAt = processorNow();
    for (let turn = 0; turn < 1000; turn += 1) conversationOf(undefined, 'owner', words);
    expect(processorNow() - startedAt).toBeLessThan(500);
  });
});
