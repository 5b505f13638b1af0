/**
 * The events of a stream (HTML standard, 9.2.6), read from a response: `EventSource` could not send the session's token.
 *
 * @param {Response} response
 * @param {(text: string) => void} [onText] Sees the text as it comes.
 * @returns {AsyncGenerator<{ name: string, data: string }>}
 */
export async function* readEvents(response, onText) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let rest = '';
  let name = '';
  /** @type {string[]} */
  let data = [];
  try {
    for (;;) {
      const { done, value = '' } = await reader.read();
      if (done) return;
      onText?.(value);
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { name, data: data.join('\n') };
          name = '';
          data = [];
        } else if (line.startsWith('event:')) name = line.slice(6).trimStart();
        else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
