import { answerTo } from './answer.ts';
import { streamed, whole } from './answer-chunks.ts';
import { checkConfig } from './check-config.ts';
import { checkContents } from './check-contents.ts';
import { checkTools } from './check-tools.ts';
import type { Ask } from './exchange.ts';
import { GoogleError, invalidArgument } from './google-error.ts';
import type { Question } from './question.ts';
import { bytes, chunksReply, wait, type Form, type Reply } from './reply.ts';
import type { Fields } from './values.ts';

/** Puts a door's envelope around the JSON text of an answer. */
export type Wrap = (text: string, id: string) => string;

/** The form that the caller asked for: `alt=sse`, or an array. */
export const formOf = (ask: Ask, isStream: boolean): Form => {
  const alt = ask.query.get('alt') ?? 'json';
  if (alt !== 'json' && alt !== 'sse') throw invalidArgument(`Invalid value for parameter alt: ${alt}`);
  if (!isStream) return 'whole';
  return alt === 'sse' ? 'sse' : 'array';
};

const checkInput = ({ model }: Question, promptTokens: number): void => {
  if (promptTokens <= model.inputLimit) return;
  throw invalidArgument(
    `The input token count (${promptTokens}) exceeds the maximum number of tokens allowed (${model.inputLimit}).`,
  );
};

/** Every rule that all doors share, then the answer. */
export const generate = (question: Question, form: Form, wrap: Wrap): Reply => {
  const { door, model, request } = question;
  checkTools(door, model, request);
  checkConfig(door, model, request);
  checkContents(door, model, request);
  const answer = answerTo(question);
  checkInput(question, answer.promptTokens);
  const { failure, paceMs, silenceMs } = answer.wishes;
  if (failure !== undefined) throw new GoogleError({ code: failure, message: 'The message asked for this failure.' });

  const responses: readonly Fields[] = form === 'whole' ? [whole(question, answer)] : streamed(question, answer);
  const wrapped = (text: string): string => wrap(text, answer.id);
  const texts = responses.map((response) => wrapped(JSON.stringify(response)));
  const reply = chunksReply({ form, texts, wrap: wrapped, paceMs });
  return silenceMs > 0 ? { ...reply, steps: [bytes(''), wait(silenceMs), ...reply.steps] } : reply;
};
