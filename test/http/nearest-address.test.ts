import { expect, test } from 'vitest';
import { formats } from '../../src/formats/index.ts';
import { isAt, nearestAddresses } from '../../src/http/nearest-address.ts';
import { processorNow } from '../support/machine.ts';

const [openai, anthropic, gemini] = formats.map(({ endpoints }) => endpoints);
const all = [...(openai ?? []), ...(anthropic ?? []), ...(gemini ?? []), { method: 'GET', path: '/health' }];
const nearest = (method: string, path: string): string =>
  nearestAddresses(method, path, all)
    .map((found) => `${found.method} ${found.path}`)
    .join(', ');

test.each([
  ['POST', '/v1/chat/completion', 'POST /v1/chat/completions'],
  ['POST', '/v1/chat/completionss', 'POST /v1/chat/completions'],
  ['POST', '/chat/completion', 'POST /v1/chat/completions'],
  ['POST', '/api/v1/chat/completions', 'POST /v1/chat/completions'],
  ['POST', '/v1beta/openai/chat/completion', 'POST /v1/chat/completions'],
  ['POST', '/v1/chat/completions/extra', 'POST /v1/chat/completions'],
  ['POST', '/v1/chat', 'POST /v1/chat/completions'],
  ['POST', '//v1//chat//completion', 'POST /v1/chat/completions'],
  ['POST', '/v1/message', 'POST /v1/messages'],
  ['POST', '/proxy/anthropic/v1/messages/count_token', 'POST /v1/messages/count_tokens'],
  ['POST', '/v1/response', 'POST /v1/responses'],
  ['GET', '/v1/model', 'GET /v1/models'],
  ['GET', '/x/y/modles', 'GET /v1/models, GET /v1beta/models'],
  ['GET', '/heath', 'GET /health'],
  ['POST', '/v1/audio', 'POST /v1/audio/speech, POST /v1/audio/transcriptions, POST /v1/audio/translations'],
  ['POST', '/v1beta/model/gemini-2.5-flash:generateContent', 'POST /v1beta/models/{model}:generateContent'],
  ['POST', '/v1beta/models/gemini-2.5-flash:generateContents', 'POST /v1beta/models/{model}:generateContent'],
  ['GET', '/v1beta/cachedContent/abc', 'GET /v1beta/cachedContents/{cache}'],
  ['DELETE', '/v1beta/cachedContent/abc', 'DELETE /v1beta/cachedContents/{cache}'],
])('who asks for %s %s meant %s', (method, path, meant) => {
  expect(nearest(method, path)).toBe(meant);
});

test.each(['/', '/v1', '/wp-login.php', '/v1/nothing', '/.env', `/${'a'.repeat(50_000)}`])(
  '%.40s is no slip for anything',
  (path) => {
    expect(nearest('GET', path)).toBe('');
  },
);

test('an address of a megabyte takes no more time than one of 200 characters', () => {
  const timeOf = (path: string): number => {
    const startedAt = processorNow();
    for (let round = 0; round < 20; round += 1) nearest('POST', path);
    return processorNow() - startedAt;
  };
  const ordinary = timeOf(`/v1/${'chat/'.repeat(36)}completion`);
  expect(timeOf(`/v1/${'chat/'.repeat(200_000)}completion`)).toBeLessThan(2 * ordinary);
});

test.each([
  ['GET', '/v1/files', true],
  ['GET', '/v1/files/', true],
  ['GET', '/v1/files/one', true],
  ['GET', '/v1/files/one/content', true],
  ['PUT', '/v1/files', false],
  ['GET', '/v1/files/one/more', false],
  ['GET', '/v1beta/models/m', false],
])('%s %s is one of the addresses: %s', (method, path, is) => {
  expect((openai ?? []).some((address) => isAt(address, method, path))).toBe(is);
});
