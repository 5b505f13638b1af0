import { describe, expect, it } from 'vitest';
import { readCarrier, writeCarrier } from '../../src/conversation/signature-carrier.ts';

const OF_A_CALL = { signature: 'QUJDRA==', family: 'gemini-3', callId: 'call_1' };
const OF_A_TEXT = { ...OF_A_CALL, callId: undefined };

const carrying = (inside: unknown): string => `gts1.${Buffer.from(JSON.stringify(inside)).toString('base64url')}`;

describe('a carrier', () => {
  it.each([OF_A_CALL, OF_A_TEXT])('gives back what it was given: $callId', (carried) => {
    const written = writeCarrier(carried);
    expect(written).toMatch(/^gts1\.[\w-]+$/);
    expect(readCarrier(written, 'gemini-3')).toEqual(carried);
  });

  it.each([
    ['nothing', undefined],
    ['no text', 7],
    ["OpenAI's", 'gAAAAABotherVendorsContent'],
    ['plain base64', 'QUJDRA=='],
    ['no JSON inside', 'gts1.bW9jaw'],
    ['cut off', writeCarrier(OF_A_CALL).slice(0, -9)],
    ['no object', carrying('QUJDRA==')],
    ['of another family', carrying({ s: 'QUJDRA==', m: 'gemini-2.5', k: 'text' })],
    ['of another family of models', writeCarrier({ ...OF_A_CALL, family: 'gemini-2.5' })],
    ['a signature that is none', carrying({ s: 'not base64!!', m: 'gemini-3', k: 'text' })],
    ['a call without its id', carrying({ s: 'QUJDRA==', m: 'gemini-3', k: 'call' })],
    ['of nothing', carrying({ s: 'QUJDRA==', m: 'gemini-3' })],
  ])('is none: %s', (_name, value) => {
    expect(readCarrier(value, 'gemini-3')).toBeUndefined();
  });
});
