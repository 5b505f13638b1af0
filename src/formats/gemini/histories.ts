/**
 * What clients of Google's own API send and Google refuses: results of parallel calls in contents of their own
 * (LibreChat, NextChat), results that are there twice (`gemini --resume`), media beside results (Vercel's SDK), and a turn of the
 * model with calls in several contents (chats of Google's SDKs keep each chunk of a stream as one). Nothing else of a
 * history is touched.
 */
import type { Content, FunctionCall, Part } from '../../gemini/types.ts';
import { isMedia } from '../../gemini/estimate.ts';
import { isObject } from '../../json.ts';
import { withOneResultEach } from './repeated-results.ts';

/** The same contents where there is nothing to put right. */
export const withWholeTurns = (contents: readonly Content[]): readonly Content[] => {
  const kept: Content[] = [];
  let said: Content[] = [];
  let answers: Content[] = [];
  const endTurn = (): void => {
    const calls = said.flatMap(callsIn);
    for (const content of calls.length > 0 ? asOne(said) : said) kept.push(content);
    for (const content of calls.length > 0 ? merged(answers, calls) : answers) kept.push(content);
    said = [];
    answers = [];
  };
  for (const content of contents) {
    const isModel = content.role === 'model';
    if (isModel && answers.length > 0) endTurn();
    (isModel ? said : answers).push(content);
  }
  endTurn();
  return changedOr(contents, kept);
};

const asOne = (contents: readonly Content[]): readonly Content[] => {
  const [first] = contents;
  return first && contents.length > 1 ? [{ ...first, parts: contents.flatMap(partsOf) }] : contents;
};

const callsIn = (content: Content): readonly FunctionCall[] =>
  partsOf(content).flatMap(({ functionCall }) => (functionCall ? [functionCall] : []));

/** After a turn of calls: contents that hold nothing but results are one, and no result is there more often than its call. */
const merged = (answers: readonly Content[], calls: readonly FunctionCall[]): readonly Content[] => {
  const single = withMediaBehind(withOneResultEach(answers, calls));
  const count = single.findIndex((content) => !holdsOnlyResults(content));
  const results = count === -1 ? single : single.slice(0, count);
  return results.length < 2 ? single : [...asOne(results), ...single.slice(results.length)];
};

/** Google counts a medium beside results as one of them. */
const withMediaBehind = (answers: readonly Content[]): readonly Content[] => {
  if (!answers.some(holdsResultsAndMedia)) return answers;
  const results: Content[] = [];
  const others: Content[] = [];
  for (const content of answers) {
    if (holdsOnlyResults(content)) {
      results.push(content);
    } else if (holdsResultsAndMedia(content)) {
      results.push({ ...content, parts: partsOf(content).filter(isResult) });
      others.push({ ...content, parts: partsOf(content).filter((part) => !isResult(part)) });
    } else {
      others.push(content);
    }
  }
  return [...results, ...others];
};

const changedOr = (before: readonly Content[], after: readonly Content[]): readonly Content[] =>
  after.length === before.length && after.every((content, at) => content === before[at]) ? before : after;

const holdsOnlyResults = (content: Content): boolean => {
  const parts = partsOf(content);
  return parts.length > 0 && parts.every(isResult);
};

const holdsResultsAndMedia = (content: Content): boolean => {
  const parts = partsOf(content);
  return parts.some(isResult) && parts.some(isMedia);
};

const isResult = ({ functionResponse }: Part): boolean => isObject(functionResponse);

const partsOf = ({ parts }: Content): readonly Part[] => parts ?? [];
