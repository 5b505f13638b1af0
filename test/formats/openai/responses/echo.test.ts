import { expect, it } from 'vitest';
import { writeEcho } from '../../../../src/formats/openai/responses/echo.ts';
import { readResponsesRequest } from '../../../../src/formats/openai/responses/request.ts';

const echoOf = (body: object, told: object = body, isKept = true): unknown =>
  JSON.parse(`{${writeEcho(readResponsesRequest(body), { ...told }, isKept)}}`);

const SAID = {
  instructions: 'Be brief.',
  max_output_tokens: 100,
  max_tool_calls: 3,
  metadata: { a: 'b' },
  parallel_tool_calls: false,
  prompt_cache_key: 'cache',
  reasoning: { effort: 'low' },
  safety_identifier: 'someone',
  temperature: 0.5,
  text: { verbosity: 'low' },
  tools: [{ type: 'function', name: 'look' }],
  top_p: 0.5,
  truncation: 'auto',
  user: 'me',
};

it('what a request says is in its echo, and in that of no other, whichever came first', () => {
  const plain = { model: 'gemini-2.5-flash', input: 'hi' };
  const first = echoOf(plain);
  for (const [name, value] of Object.entries(SAID)) {
    const said = { ...plain, [name]: value };
    expect(echoOf(said)).toMatchObject({ [name]: name === 'tools' ? [{ name: 'look' }] : value });
    // As whoever makes no echo of the body writes it.
    echoOf(said, {});
    expect(echoOf(plain)).toEqual(first);
  }
});

it('models, and what is kept of an answer, are told apart', () => {
  for (let round = 0; round < 2; round += 1) {
    for (const model of ['gemini-2.5-flash', 'gemini-2.5-flash ', 'gemini-2.5-pro']) {
      for (const isKept of [true, false]) {
        expect(echoOf({ model, input: 'hi', stream: true }, undefined, isKept)).toMatchObject({ model, store: isKept });
      }
    }
  }
});
