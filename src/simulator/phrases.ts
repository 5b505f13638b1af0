import { fieldsOf, type Fields } from './values.ts';

/**
 * Phrases in the newest message of the user that steer the simulated model:
 *
 * | phrase                        | effect                                                                    |
 * | ----------------------------- | ------------------------------------------------------------------------- |
 * | `stream 20 words`             | that many words, each in an event of its own                              |
 * | `say exactly: …`              | answers what follows, to the end of the message                           |
 * | `long answer`                 | 400 words                                                                 |
 * | `slow answer`                 | 200 ms before each event                                                  |
 * | `wait 500 ms`                 | so long before the first event                                            |
 * | `think hard`                  | ten times the thinking                                                    |
 * | `say nothing`                 | ends with STOP and no text                                                |
 * | `be blocked`                  | the prompt is blocked: no candidates                                      |
 * | `end with SAFETY`             | some text, then that finish reason (any of Google's)                      |
 * | `fail with 503`               | an error of that status (400, 403, 404, 408, 429, 500, 503, 504)          |
 * | `use café and 😀`             | text with characters of two, three and four bytes                         |
 * | `without tools`               | no function is called unless it must be (agents: `do not call any tools`)  |
 * | `detailed summary`            | what was said and the calls still to be made, as agents ask for it         |
 * | `call NAME {…}`, one a line   | that call with these arguments; each line a round of its own               |
 * | `parallel`, `Oslo and Rome`   | two function calls at once; of two names each gets one                    |
 */
export interface Wishes {
  readonly words: number | undefined;
  readonly exactly: string | undefined;
  readonly paceMs: number;
  readonly silenceMs: number;
  readonly thinkHard: boolean;
  readonly nothing: boolean;
  readonly blocked: boolean;
  readonly finishReason: string | undefined;
  readonly failure: number | undefined;
  readonly unicode: boolean;
  readonly withoutTools: boolean;
  /** An agent whose context is full wants the conversation in few words. */
  readonly summary: boolean;
  /** To be made one after the other, each once the one before is answered. */
  readonly calls: readonly ScriptedCall[];
  /** What each parallel call is about; one subject means one call. */
  readonly subjects: readonly string[];
}

export interface ScriptedCall {
  readonly name: string;
  readonly args: Fields;
}

const SHORT = 120;

const numberIn = (text: string, pattern: RegExp): number | undefined => {
  const [, digits] = pattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

const subjectsIn = (text: string): readonly string[] => {
  const [, one, other] = /(\p{Lu}\p{L}+) (?:and|und|et) (\p{Lu}\p{L}+)/u.exec(text) ?? [];
  if (one !== undefined && other !== undefined) return [one, other];
  const short = text.trim().slice(0, SHORT);
  return /\bparallel\b/i.test(text) ? [`${short} (1)`, `${short} (2)`] : [short];
};

/** Behind it a summary lists the calls that are left: those above, which an agent keeps beside it, are made. */
export const STILL_TO_DO = 'Still to do:';

export const callsIn = (text: string): readonly ScriptedCall[] => {
  const left = text.slice(Math.max(0, text.lastIndexOf(STILL_TO_DO)));
  return [...left.matchAll(CALL_LINE)].flatMap(([, name = '', args = '']) => {
    try {
      return [{ name, args: fieldsOf(JSON.parse(args)) }];
    } catch {
      return [];
    }
  });
};

const CALL_LINE = /^[ \t]*call ([\w.:-]{1,64}) (\{.*\})[ \t]*$/gm;

export const wishesIn = (text: string): Wishes => ({
  words: numberIn(text, /\bstream (\d{1,6}) words?\b/i) ?? (/\blong answer\b/i.test(text) ? 400 : undefined),
  exactly: /\bsay exactly: ?([\s\S]+)/i.exec(text)?.[1],
  paceMs: /\bslow answer\b/i.test(text) ? 200 : 0,
  silenceMs: numberIn(text, /\bwait (\d{1,6}) ?ms\b/i) ?? 0,
  thinkHard: /\bthink hard\b/i.test(text),
  nothing: /\bsay nothing\b/i.test(text),
  blocked: /\bbe blocked\b/i.test(text),
  finishReason: /\bend with ([A-Z][A-Z_]+)\b/.exec(text)?.[1],
  failure: numberIn(text, /\bfail with ([45]\d\d)\b/i),
  unicode: /caf\u00e9|\u{1f600}/u.test(text),
  withoutTools: /\bwithout tools\b|\bdo not call any tools\b/i.test(text),
  summary: /\b(?:detailed|handoff) summary\b/i.test(text),
  calls: callsIn(text),
  subjects: subjectsIn(text),
});
