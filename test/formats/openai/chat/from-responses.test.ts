import { describe, expect, it } from 'vitest';
import { decodeFromResponses, readFromResponses } from '../../../../src/formats/openai/chat/from-responses.ts';
import { FLASH, needs, refused } from './decoding.ts';

describe('a Responses body on the chat address', () => {
  const decode = (body: object) => decodeFromResponses(readFromResponses({ model: FLASH, ...body }), needs());
  const cursor = (body: object) => decode(body).call.request;

  it('H149: is translated, items, tools and formats', () => {
    const request = cursor({
      model: 'gemini-3-flash-preview',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
        { type: 'reasoning', encrypted_content: 'x', summary: [] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me see.' }] },
        { type: 'function_call', call_id: 'c1', name: 'wx', arguments: '{"c":"Oslo"}' },
        { type: 'custom_tool_call', call_id: 'c2', name: 'patch', input: '*** Begin' },
        { type: 'function_call_output', call_id: 'c1', output: '4C' },
        {
          type: 'custom_tool_call_output',
          call_id: 'c2',
          output: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }],
        },
      ],
      tools: [
        { type: 'function', name: 'wx', parameters: { type: 'object', properties: {} } },
        { type: 'custom', name: 'patch' },
        { type: 'web_search' },
      ],
      tool_choice: { type: 'function', name: 'wx' },
      max_output_tokens: 5000,
      text: { format: { type: 'text' }, verbosity: 'low' },
      reasoning: { effort: 'low' },
    });
    expect(JSON.parse(JSON.stringify(request))).toMatchObject({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        {
          role: 'model',
          parts: [
            { text: 'Let me see.' },
            { functionCall: { id: 'c1', name: 'wx', args: { c: 'Oslo' } } },
            { functionCall: { id: 'c2', name: 'patch', args: { input: '*** Begin' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'c1', name: 'wx', response: { output: '4C' } } },
            {
              functionResponse: {
                id: 'c2',
                name: 'patch',
                response: { output: '' },
                parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
              },
            },
          ],
        },
      ],
      tools: [{ functionDeclarations: [{ name: 'wx' }, { name: 'patch' }] }, { googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['wx'] } },
      generationConfig: { maxOutputTokens: 5000, thinkingConfig: { thinkingLevel: 'LOW' } },
    });
  });

  it('takes a plain text', () => {
    expect(cursor({ input: 'hi' }).contents).toEqual([{ role: 'user', parts: [{ text: 'hi' }] }]);
  });

  it('says what it dropped', () => {
    expect(decode({ input: ['hi', { type: 'web_search_call' }] }).reading.ignored).toEqual(['input (web_search_call)']);
  });

  it.each([
    [{ previous_response_id: 'resp_1' }, 'previous_response_not_found', 'previous_response_id'],
    [{ conversation: 'c' }, 'unsupported_parameter', 'conversation'],
    [{ background: true }, 'unsupported_parameter', 'background'],
    [{ input: 5 }, 'invalid_type', 'input'],
    [{ input: [{ role: 'user', content: [{ type: 'odd' }] }] }, 'invalid_value', 'input[0].content[0]'],
  ])('refuses %j', (body, reason, param) => {
    expect(refused(() => cursor({ input: 'hi', ...body }))).toEqual({ status: 400, reason, param });
  });

  it('keeps nothing to refer to', () => {
    expect(refused(() => cursor({ input: [{ type: 'item_reference', id: 'x' }] }))).toEqual({
      status: 404,
      reason: 'item_not_found',
      param: 'input[0]',
    });
  });

  it('shows thoughts as chat does, and counts tokens where that is asked for', () => {
    expect(decode({ input: 'hi' }).reading).toMatchObject({ showThoughts: true, includeUsage: false });
    const body = { input: 'hi', stream: true, stream_options: { include_usage: true } };
    expect(decode(body).reading.includeUsage).toBe(true);
  });
});
