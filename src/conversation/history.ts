/**
 * Turns → contents as Google insists on them: a user begins, roles alternate, every call is answered in the very next
 * content, all answers of a step in one content, in the order of the calls, before anything else, and that is text: media
 * that a user shows behind them are a content of their own.
 */
import type { FunctionNames } from '../gemini/function-names.ts';
import type { Model } from '../gemini/catalogue.ts';
import { withNeededSignatures } from '../gemini/signature-stand-ins.ts';
import type { Content, JsonObject, Part } from '../gemini/types.ts';
import { PairedCalls } from './paired-calls.ts';
import type { PairedCall } from './paired-calls.ts';
import type { Turn } from './turns.ts';
import type { PastAnswer } from './past-answers.ts';
import type { PastCall } from './past-calls.ts';

export interface HistoryNeeds {
  readonly names: FunctionNames;
  readonly model: Model;
  /** The signature of a call whose client kept only id, name and arguments. */
  readonly recall: (call: PastCall) => string | undefined;
}

export const toContents = (turns: readonly Turn[], needs: HistoryNeeds): readonly Content[] => {
  const contents: Draft[] = [];
  for (const step of pair(turns)) {
    if (step.kind === 'user') append(contents, 'user', step.parts);
    else writeStep(contents, step.items, needs);
  }
  if (contents[0]?.role === 'model') contents.unshift({ role: 'user', parts: [{ text: ' ' }] });
  if (!needs.model.prefill && contents.at(-1)?.role === 'model') append(contents, 'user', [{ text: 'Continue.' }]);
  return withNeededSignatures(contents, needs.model);
};

/** A content that still grows. */
interface Draft extends Content {
  readonly role: 'user' | 'model';
  readonly parts: Part[];
}

type Item = { readonly part: Part } | PairedCall;

type Step =
  | { readonly kind: 'user'; readonly parts: readonly Part[] }
  | { readonly kind: 'model'; readonly items: Item[]; answered: boolean };

/** Puts answers to their calls, wherever in the history they stand, and makes the call that an answer lacks. */
const pair = (turns: readonly Turn[]): readonly Step[] => {
  const steps: Step[] = [];
  let past: PairedCalls | undefined;

  const addCalls = (calls: readonly PastCall[]): readonly PairedCall[] => {
    const batch = calls.map((call): PairedCall => ({ call }));
    const { items } = modelStep(steps);
    for (const item of batch) items.push(item);
    past ??= new PairedCalls();
    past.add(batch);
    return batch;
  };

  for (const turn of turns) {
    switch (turn.kind) {
      case 'system':
        if (turn.texts.length > 0)
          steps.push({ kind: 'user', parts: [{ text: `[system]\n${turn.texts.join('\n')}` }] });
        break;
      case 'user':
        if (turn.parts.length > 0) steps.push(turn);
        break;
      case 'model':
        if (turn.parts.length > 0) {
          const { items } = modelStep(steps);
          for (const part of turn.parts) items.push({ part });
        }
        if (turn.calls.length > 0) addCalls(turn.calls);
        break;
      case 'answer': {
        const { answer } = turn;
        const call = past?.find(answer) ?? (answer.name === undefined ? undefined : addCalls([lostCall(answer)])[0]);
        if (call) {
          call.answer = answer;
          const last = steps.at(-1);
          if (last?.kind === 'model') last.answered = true;
        } else {
          steps.push({ kind: 'user', parts: [{ text: `[tool result]\n${answerText(answer)}` }, ...answer.media] });
        }
      }
    }
  }
  return steps;
};

const modelStep = (steps: Step[]): Step & { kind: 'model' } => {
  const last = steps.at(-1);
  // What the model says after answers came is a new step.
  if (last?.kind === 'model' && !last.answered) return last;
  const step = { kind: 'model' as const, items: [], answered: false };
  steps.push(step);
  return step;
};

/** The history was cut between a call and its answer. */
const lostCall = ({ id, name }: PastAnswer): PastCall => ({
  id: id ?? `call_lost_${name ?? ''}`,
  name: name ?? '',
  args: {},
  sentArgs: '',
  signature: undefined,
});

const answerText = ({ response }: PastAnswer): string => Object.values(response).join('\n');

const writeStep = (contents: Draft[], items: readonly Item[], needs: HistoryNeeds): void => {
  const parts: Part[] = [];
  const answers: Part[] = [];
  // Before Gemini 3 an answer holds no media, and anything beside the answers breaks the count of them.
  const media: Part[] = [];
  for (const item of items) {
    if ('call' in item) {
      parts.push(toCallPart(item.call, needs));
      answers.push(toResponsePart(item, needs));
      if (item.answer && needs.model.generation < 3) for (const part of item.answer.media) media.push(part);
    } else {
      parts.push(item.part);
    }
  }
  append(contents, 'model', parts);
  if (answers.length === 0) return;
  append(contents, 'user', answers);
  if (media.length > 0) contents.push({ role: 'user', parts: media });
};

const toCallPart = (call: PastCall, { names, recall }: HistoryNeeds): Part => {
  const signature = call.signature ?? recall(call);
  const functionCall = { id: call.id, name: names.toGemini(call.name), args: call.args };
  return signature === undefined ? { functionCall } : { functionCall, thoughtSignature: signature };
};

const toResponsePart = ({ call, answer }: PairedCall, { names, model }: HistoryNeeds): Part => {
  const response: JsonObject = answer?.response ?? { error: 'tool result missing' };
  const functionResponse = { id: call.id, name: names.toGemini(call.name), response };
  return answer && answer.media.length > 0 && model.generation >= 3
    ? { functionResponse: { ...functionResponse, parts: answer.media } }
    : { functionResponse };
};

/** Beside those, media break the count of them. */
const isOfAnswers = ({ parts: [first] }: Draft): boolean => first?.functionResponse !== undefined;

const isMedium = ({ inlineData, fileData }: Part): boolean => inlineData !== undefined || fileData !== undefined;

const append = (contents: Draft[], role: Draft['role'], parts: readonly Part[]): void => {
  const last = contents.at(-1);
  if (last?.role !== role || (isOfAnswers(last) && parts.some(isMedium))) contents.push({ role, parts: [...parts] });
  else for (const part of parts) last.parts.push(part);
};
