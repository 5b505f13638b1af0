import { RelayError, withParam } from '../../../errors.ts';

/** What the other API calls `messages` is `input` here. */
const ABOUT_THE_INPUT: ReadonlySet<string | undefined> = new Set(['context_length_exceeded', 'content_filter']);

/** Passes an error on, with the field that it is about by the name it has in this API. */
export const inItsWords = (error: unknown): never => {
  if (!(error instanceof RelayError) || error.param !== undefined || !ABOUT_THE_INPUT.has(error.reason)) throw error;
  throw withParam(error, 'input');
};
