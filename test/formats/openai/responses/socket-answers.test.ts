import { expect, test } from 'vitest';
import { KeptTexts } from '../../../../src/formats/openai/responses/kept-text.ts';
import { createSocketAnswers } from '../../../../src/formats/openai/responses/socket-answers.ts';

const COUNT = 1000;

test('what a socket kept is forgotten when it closes, however much it is, and others get turns meanwhile', async () => {
  const answers = createSocketAnswers({ monotonic: () => 0 });
  const [closing, open] = [new AbortController(), new AbortController()];
  const [one, other] = [
    { id: 'socket-1', closed: closing.signal },
    { id: 'socket-2', closed: open.signal },
  ] as Parameters<typeof answers.find>[0][];
  if (!one || !other) throw new Error('there are two');
  for (let at = 0; at < COUNT; at += 1) {
    for (const socket of [one, other]) {
      const id = `resp_${socket.id}_${at}`;
      answers.put(socket, { id, texts: new KeptTexts(`{"id":"${id}"}`, '[]', '[]'), previous: undefined });
    }
  }
  expect(answers.find(one, 'resp_socket-1_500')?.texts.response).toBe('{"id":"resp_socket-1_500"}');
  closing.abort();
  let turns = 0;
  while (answers.find(one, `resp_socket-1_${COUNT - 1}`)) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // How many depends on how quick the machine is.
  expect(turns).toBeGreaterThan(0);
  const left = Array.from({ length: COUNT }, (_none, at) => [
    answers.find(one, `resp_socket-1_${at}`) !== undefined,
    answers.find(other, `resp_socket-2_${at}`) !== undefined,
  ]);
  expect(left.every(([ofOne, ofOther]) => !ofOne && ofOther)).toBe(true);
});
