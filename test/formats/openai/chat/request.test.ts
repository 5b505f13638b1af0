import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../../src/json.ts';
import { readChatRequest, remoteImageUrls } from '../../../../src/formats/openai/chat/request.ts';
import { refused } from './decoding.ts';

const read = (body: object) =>
  readChatRequest(parseJson(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body })));

describe('readChatRequest', () => {
  it.each([
    ['H13: no messages', { messages: undefined }, 'missing_required_parameter', 'messages'],
    ['null messages', { messages: null }, 'missing_required_parameter', 'messages'],
    ['messages of a wrong type', { messages: { role: 'user' } }, 'invalid_type', 'messages'],
    ['messages as prose', { messages: 'hello' }, 'invalid_type', 'messages'],
    ['no message at all', { messages: [] }, 'empty_array', 'messages'],
    ['a message that is no object', { messages: ['hi'] }, 'invalid_type', 'messages[0]'],
    ['no model', { model: undefined }, 'missing_required_parameter', 'model'],
    ['an empty model', { model: ' ' }, 'missing_required_parameter', 'model'],
    ['a model of a wrong type', { model: 7 }, 'invalid_type', 'model'],
    ['temperature out of range', { temperature: 2.1 }, 'invalid_value', 'temperature'],
    ['temperature that is no number', { temperature: 'hot' }, 'invalid_value', 'temperature'],
    ['top_p out of range', { top_p: 1.5 }, 'invalid_value', 'top_p'],
    ['a penalty out of range', { presence_penalty: -2.5 }, 'invalid_value', 'presence_penalty'],
    ['no tokens allowed', { max_tokens: 0 }, 'invalid_value', 'max_tokens'],
    ['a negative cap', { max_completion_tokens: -1 }, 'invalid_value', 'max_completion_tokens'],
    ['n of 0', { n: 0 }, 'invalid_value', 'n'],
    ['n of 9', { n: 9 }, 'invalid_value', 'n'],
    ['a seed that is no integer', { seed: 1.5 }, 'invalid_value', 'seed'],
    ['top_logprobs of 21', { logprobs: true, top_logprobs: 21 }, 'invalid_value', 'top_logprobs'],
    ['stream that is neither', { stream: 'perhaps' }, 'invalid_type', 'stream'],
    ['stop of a wrong type', { stop: 5 }, 'invalid_type', 'stop'],
    ['tools of a wrong type', { tools: 'all' }, 'invalid_type', 'tools'],
    ['a tool that is no object', { tools: ['f'] }, 'invalid_type', 'tools[0]'],
    ['nested', { stream_options: { include_usage: 'x' } }, 'invalid_type', 'stream_options.include_usage'],
    [
      'a thinking budget',
      { extra_body: { google: { thinking_config: { thinking_budget: 'much' } } } },
      'invalid_value',
      'extra_body.google.thinking_config.thinking_budget',
    ],
    ['cached content that is no name', { cached_content: {} }, 'invalid_type', 'cached_content'],
  ])('refuses %s', (_case, body, reason, param) => {
    expect(refused(() => read(body))).toEqual({ status: 400, reason, param });
  });

  it.each([[[]], ['text'], [null], [3]])('refuses the body %j', (body) => {
    expect(refused(() => readChatRequest(body)).status).toBe(400);
  });

  it('takes numbers and booleans as strings, and messages as JSON text', () => {
    const request = readChatRequest({
      model: 'm',
      messages: '[{"role":"user","content":"hi"}]',
      max_tokens: '100',
      temperature: '0.5',
      stream: 'true',
      seed: '7',
      stream_options: { include_usage: 'True' },
    });
    expect(request).toMatchObject({
      max_tokens: 100,
      temperature: 0.5,
      stream: true,
      seed: 7n,
      stream_options: { include_usage: true },
      messages: [{ param: 'messages[0]', fields: { role: 'user', content: 'hi' } }],
    });
  });

  it('takes null for absent, everywhere', () => {
    const nothing = Object.fromEntries(
      ['stream', 'stream_options', 'temperature', 'top_p', 'max_tokens', 'n', 'stop', 'seed', 'logprobs', 'tools'].map(
        (name) => [name, null],
      ),
    );
    const more = { response_format: null, tool_choice: null, reasoning: { effort: null }, google: null, user: null };
    expect(read({ ...nothing, ...more }).ignored).toEqual([]);
  });

  it('lists what has no effect', () => {
    expect(
      read({
        logit_bias: { 1: 2 },
        user: 'u',
        stray: 1,
        stream_options: { include_obfuscation: true },
        extra_body: { other: 1, google: { odd: 1, thinking_config: { odder: 1 } } },
      }).ignored,
    ).toEqual([
      'logit_bias',
      'user',
      'stray',
      'stream_options',
      'stream_options.include_obfuscation',
      'extra_body.other',
      'extra_body.google.odd',
      'extra_body.google.thinking_config.odder',
    ]);
  });

  it('keeps names fit for a header', () => {
    expect(read({ 'a\r\nb: c\u{1f600}': 1 }).ignored).toEqual(['a__b_ c__']);
  });

  it('R29: __proto__ and constructor are names like any other', () => {
    const request = readChatRequest(
      parseJson('{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"stream":true},"constructor":1}'),
    );
    expect(request.stream).toBeUndefined();
    expect(request.ignored).toEqual(['__proto__', 'constructor']);
  });
});

describe('remoteImageUrls', () => {
  const image = (url: string) => ({ type: 'image_url', image_url: { url } });

  it('finds each https image once, wherever it is, and nothing else', () => {
    const request = read({
      messages: [
        {
          role: 'user',
          content: [
            image('https://a.test/1.png'),
            image('data:image/png;base64,AAAA'),
            image('gs://bucket/1.png'),
            image('https://youtu.be/x'),
            image('http://plain.test/1.png'),
            image('https://a.test/1.png'),
            { type: 'image_url', image_url: 'https://a.test/2.png' },
            { type: 'image', source: { type: 'url', url: 'https://a.test/3.png' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c', content: [image('https://a.test/4.png'), { plain: 1 }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'c', content: [image('https://a.test/5.png')] }],
        },
      ],
    });
    expect(remoteImageUrls(request)).toEqual([
      { url: 'https://a.test/1.png', param: 'messages[0].content[0].image_url' },
      { url: 'https://a.test/2.png', param: 'messages[0].content[6].image_url' },
      { url: 'https://a.test/3.png', param: 'messages[0].content[7].source.url' },
      { url: 'https://a.test/4.png', param: 'messages[1].content[0].image_url' },
      { url: 'https://a.test/5.png', param: 'messages[2].content[0].content[0].image_url' },
    ]);
  });

  it('S17: refuses more than 16', () => {
    const content = Array.from({ length: 17 }, (_, index) => image(`https://a.test/${index}`));
    const request = read({ messages: [{ role: 'user', content }] });
    expect(refused(() => remoteImageUrls(request))).toEqual({
      status: 400,
      reason: 'invalid_value',
      param: 'messages[0].content[16].image_url',
    });
  });
});
