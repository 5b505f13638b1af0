import { describe, expect, test } from 'vitest';
import { createFenceStripper } from '../../src/conversation/fence.ts';
import { candidate } from '../support/gemini-chunk.ts';
import { STOP, streamChoice, wholeChoice } from '../formats/openai/chat/encoding.ts';
import { processorNow } from '../support/machine.ts';

describe('JSON without its fence', () => {
  const JSON_TEXT = '{"a":"``` inside"}';

  test.each([
    ['a fence with a language', `\`\`\`json\n${JSON_TEXT}\n\`\`\``, JSON_TEXT],
    ['a fence without', `\`\`\`\n${JSON_TEXT}\n\`\`\`\n`, JSON_TEXT],
    ['a fence on one line', `\`\`\`${JSON_TEXT}\`\`\``, JSON_TEXT],
    ['white space before', `\n \`\`\`json \n${JSON_TEXT}\n\`\`\`  `, JSON_TEXT],
    ['no fence', JSON_TEXT, JSON_TEXT],
    ['inline code', '`a` is `b`', '`a` is `b`'],
    ['a fence that never closes', `\`\`\`json\n${JSON_TEXT}`, JSON_TEXT],
    ['a text with a fence inside', 'See ```x``` there', 'See ```x``` there'],
    ['nothing but a fence', '```', '```'],
    ['only white space', ' \n', ' \n'],
  ])('H83: %s, whole and letter by letter', async (_name, text, expected) => {
    const letters = Array.from(text, (letter) => candidate([{ text: letter }]));
    expect(streamChoice([...letters, STOP], { stripFence: true }).content).toBe(expected);
    const chunks = [candidate([{ text }], { finishReason: 'STOP' })];
    expect((await wholeChoice(chunks, { stripFence: true })).message['content']).toBe(expected);
    expect((await wholeChoice(chunks)).message['content']).toBe(text);
  });

  test.each([
    ['white space before', '', ' '],
    ['white space behind the fence', '```json\n', '\n'],
    ['white space behind a text', '```json\n{}', ' \n'],
    ['backticks in white space', '```json\n{}', ' `'],
    ['what may be the closing fence', '```json\n{}\n```', '\t'],
  ])('R25: a runaway answer of %s is read in linear time', (_name, start, piece) => {
    const msOf = (pieces: number): number => {
      const fence = createFenceStripper();
      const startedAt = processorNow();
      fence.push(start);
      for (let at = 0; at < pieces; at += 1) fence.push(piece);
      fence.end();
      return processorNow() - startedAt;
    };
    expect(Math.min(msOf(400_000), msOf(400_000))).toBeLessThan(400);
  });
});
