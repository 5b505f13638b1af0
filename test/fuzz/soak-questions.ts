/** What a client of good will asks in a soak, and how its answer ends. */

export interface Question {
  readonly name: string;
  readonly path: string;
  readonly body: object;
  readonly end: RegExp;
}

const MODEL = 'gemini-2.5-flash';
const NATIVE = `/v1beta/models/${MODEL}`;
export const HELLO = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };

export const QUESTIONS: readonly Question[] = [
  { name: 'chat', path: '/v1/chat/completions', body: HELLO, end: /"finish_reason":"stop"/ },
  {
    name: 'chat, streamed',
    path: '/v1/chat/completions',
    body: { ...HELLO, stream: true },
    end: /data: \[DONE\]\n\n$/,
  },
  { name: 'native', path: `${NATIVE}:generateContent`, body: CONTENTS, end: /"finishReason": ?"STOP"/ },
  {
    name: 'native, streamed',
    path: `${NATIVE}:streamGenerateContent?alt=sse`,
    body: CONTENTS,
    end: /"finishReason": ?"STOP"/,
  },
  { name: 'count', path: `${NATIVE}:countTokens`, body: CONTENTS, end: /"totalTokens"/ },
];

export interface Asked {
  readonly ms: number;
  /** Undefined where all is well. */
  readonly problem: string | undefined;
}

export const askQuestion = async (url: string, { name, path, body, end }: Question, key: string): Promise<Asked> => {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const outcome = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    .then(async (response) => {
      const text = await response.text();
      return response.status === 200 && end.test(text) ? undefined : `${response.status} ${text.slice(0, 200)}`;
    })
    .catch((error: unknown) => String(error));
  return {
    ms: performance.now() - startedAt,
    problem: outcome === undefined ? undefined : `${name}: ${outcome}`,
  };
};

export const thirdOf = <Item>(list: readonly Item[], part: number): readonly Item[] =>
  list.slice(Math.floor((list.length * part) / 3), Math.floor((list.length * (part + 1)) / 3));

/** The value below which so large a part of them lies. */
export const quantileOf = (list: readonly number[], part: number): number =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? 0;
