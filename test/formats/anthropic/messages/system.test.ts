import { describe, expect, it } from 'vitest';
import { PRO_3_1, refused } from '../../openai/chat/decoding.ts';
import { assistant, decode, result, upstream, used, user } from './decoding.ts';

const text = (said: string) => ({ type: 'text', text: said });
const system = (content: unknown, more: object = {}) => ({ role: 'system', content, ...more });
const ignored = (body: object) => decode(body).reading.ignored;
const words = (messages: readonly object[]): readonly unknown[] =>
  (upstream({ messages }).contents ?? []).flatMap(({ parts = [] }) => parts.map((part) => part.text));

describe('the effort of a turn', () => {
  const level = (messages: readonly object[], more: object = {}): unknown =>
    upstream({ model: PRO_3_1, messages, ...more }).generationConfig?.thinkingConfig?.thinkingLevel;
  const low = system([], { output_config: { effort: 'low' } });
  const loop = [assistant(used('t', 'f')), user([result('t', 'x'), text('go on')])];

  it.each([
    ['stands behind what the user said', [user('a'), low], 'LOW'],
    ['holds while tools answer', [user('a'), low, ...loop], 'LOW'],
    ['may change in it', [user('a'), low, ...loop, system('b', { output_config: { effort: 'medium' } })], 'MEDIUM'],
    ['ends with the turn', [user('a'), low, assistant(text('b')), user('c')], 'HIGH'],
    ['may be left out', [user('a'), system('b', { output_config: { effort: null } })], 'HIGH'],
  ])('%s', (_name, messages, expected) => {
    const body = { messages, output_config: { effort: 'high' } };
    expect(level(messages, { output_config: { effort: 'high' } })).toBe(expected);
    expect(ignored(body)).toEqual([]);
  });

  it('that is none is refused by its place', () => {
    const messages = [user('a'), system([], { output_config: { effort: 'ultra' } })];
    expect(refused(() => decode({ messages }))).toMatchObject({
      param: 'messages[1].output_config.effort',
      reason: 'invalid_value',
    });
  });

  it('is told where it stands with who does not set it, and so is what stands beside it', () => {
    const output_config = { effort: 'low' };
    expect(ignored({ messages: [{ ...user('a'), output_config }] })).toEqual(['messages[].output_config']);
    expect(ignored({ messages: [user('a'), system('b', { output_config: { format: {} } })] })).toEqual([
      'messages[].output_config.format',
    ]);
  });
});

describe('a system message', () => {
  it.each([
    ['until the user speaks again', 'next_user_message', ['a', 'b']],
    ['for ever', 'never', ['a', '[system]\nleft: 9', 'b']],
  ])('is shown %s', (_name, until, expected) => {
    const mark = system('left: 9', { clear_at: until });
    expect(words([user('a'), mark])).toEqual(['a', '[system]\nleft: 9']);
    expect(words([user('a'), mark, user('b')])).toEqual(expected);
    expect(ignored({ messages: [user('a'), mark] })).toEqual([]);
  });

  it('with more than text in it is no reason to refuse all', () => {
    const messages = [user('a'), system([text('b'), { type: 'never_heard_of' }])];
    expect(words(messages)).toEqual(['a', expect.stringMatching(/^\[system\]\nb\n*.*"never_heard_of"/)]);
    expect(ignored({ messages })).toEqual(['messages[].content[] (never_heard_of)']);
  });
});
