/** One answer as relays tell each other. */
import { readAnswer } from './answer-scripts.ts';
import type { KeptAnswer } from './kept.ts';

interface Body {
  readonly holder: string;
  readonly response: string;
  readonly input: string;
  readonly itemIds: readonly string[];
}

export interface SharedAnswer extends Body {
  /** The ids of those before it, the oldest first. */
  readonly before: readonly string[];
  /** By the clock that they share. */
  readonly foundUntil: number;
}

export const bodyOf = ({ holder, texts }: KeptAnswer): string => {
  const body: Body = { holder, response: texts.response, input: texts.asked, itemIds: texts.itemIds };
  return JSON.stringify(body);
};

export const readShared = (text: string | undefined, holder: string): SharedAnswer | undefined => {
  const stored = text === undefined ? undefined : readAnswer(text);
  if (!stored) return undefined;
  const body = JSON.parse(stored.body) as Body;
  return body.holder === holder ? { ...body, before: stored.head.before, foundUntil: stored.foundUntil } : undefined;
};
