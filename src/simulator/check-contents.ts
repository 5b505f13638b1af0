import type { Door } from './exchange.ts';
import { checkRecording } from './check-media.ts';
import type { GoogleError } from './google-error.ts';
import { invalidArgument } from './google-error.ts';
import type { Model } from './models.ts';
import { unable } from './refusals.ts';
import { isGenuine } from './signatures.ts';
import { fieldsListOf, fieldsOf, stringOf, type Fields } from './values.ts';

/** The members of a part of which exactly one may be set. */
const DATA = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
];

export const partsOf = (content: Fields): readonly Fields[] => fieldsListOf(content.parts);

export const callsOf = (content: Fields): readonly Fields[] =>
  partsOf(content).flatMap((part) => (part.functionCall === undefined ? [] : [fieldsOf(part.functionCall)]));

export const responsesOf = (content: Fields): readonly Fields[] =>
  partsOf(content).flatMap((part) => (part.functionResponse === undefined ? [] : [fieldsOf(part.functionResponse)]));

const isModelTurn = (content: Fields): boolean => content.role === 'model';

/** Contents from the newest message of the user's own on: an answer to function calls does not begin a turn. */
export const currentTurn = (contents: readonly Fields[]): readonly Fields[] => {
  const start = contents.findLastIndex((content) => !isModelTurn(content) && responsesOf(content).length === 0);
  return contents.slice(Math.max(start, 0));
};

/** What a content says, its parts in lines of their own. */
export const textOf = (content: Fields): string =>
  partsOf(content)
    .filter((part) => part.thought !== true)
    .map((part) => stringOf(part.text))
    .join('\n')
    .trim();

const checkPart = (door: Door, part: Fields, path: string): void => {
  const data = DATA.filter((name) => part[name] !== undefined);
  const [first, second] = data;
  if (second !== undefined) {
    throw invalidArgument(
      `Invalid value at '${path}' (oneof), oneof field 'data' is already set. Cannot set '${second}'`,
    );
  }
  if (first === undefined && part.thoughtSignature === undefined) {
    const field = `${path}.data`;
    throw unable(
      door,
      'it must have a text parameter',
      field,
      "required oneof field 'data' must have one initialized field",
    );
  }
  const { inlineData, functionCall, functionResponse } = part;
  if (inlineData !== undefined && stringOf(fieldsOf(inlineData).mimeType) === '') {
    throw unable(
      door,
      'it has inline data without a mimeType',
      `${path}.inline_data.mime_type`,
      'required field is empty',
    );
  }
  if (inlineData !== undefined) checkRecording(fieldsOf(inlineData));
  for (const [named, field] of [
    [functionCall, 'function_call'],
    [functionResponse, 'function_response'],
  ] as const) {
    if (named !== undefined && stringOf(fieldsOf(named).name) === '') {
      throw unable(door, `a ${field} has no name`, `${path}.${field}.name`, 'Name cannot be empty.');
    }
  }
  if (functionResponse !== undefined && fieldsOf(functionResponse).response === undefined) {
    throw unable(door, 'a function response is empty', `${path}.function_response.response`, 'required field is empty');
  }
};

/** What holds for each by itself. */
export const checkContent = (door: Door, content: Fields, path: string): void => {
  const parts = partsOf(content);
  if (parts.length === 0) {
    const reason = 'it must include at least one parts field, which describes the prompt input';
    throw unable(door, reason, `${path}.parts`, 'contents.parts must not be empty.');
  }
  parts.forEach((part, index) => {
    checkPart(door, part, `${path}.parts[${index}]`);
  });
  if (parts.every((part) => part.text === '' && part.thoughtSignature === undefined)) {
    const reason = 'it has an empty text parameter. Add a value to the parameter and try again';
    throw unable(door, reason, `${path}.parts`, 'contents.parts must not be empty.');
  }
};

export const checkRoles = (door: Door, contents: readonly Fields[]): void => {
  const optional = door === 'gemini-api';
  for (const { role } of contents) {
    if (role === 'user' || role === 'model' || (optional && role === undefined)) continue;
    throw invalidArgument('Please use a valid role: user, model.');
  }
  if (contents[0] && isModelTurn(contents[0])) {
    throw invalidArgument('Please ensure that multiturn requests begin with a user turn.');
  }
};

const COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';

const checkAnswer = (calls: readonly Fields[], content: Fields): void => {
  const responses = responsesOf(content);
  if (responses.length !== calls.length) throw invalidArgument(COUNT);
  // Text may follow the responses; a picture beside them is counted with them.
  const parts = partsOf(content);
  const behind = parts.slice(responses.length);
  if (behind.some((part) => part.functionResponse !== undefined || part.text === undefined))
    throw invalidArgument(COUNT);
  responses.forEach((response, index) => {
    const call = calls.find(({ id }) => id !== undefined && id === response.id) ?? calls[index];
    if (call && call.name !== response.name) {
      throw invalidArgument(
        `Please ensure that the name of each function response is that of its function call: expected \`${stringOf(call.name)}\`, got \`${stringOf(response.name)}\`.`,
      );
    }
  });
};

const checkPairs = (contents: readonly Fields[]): void => {
  contents.forEach((content, index) => {
    const previous = contents[index - 1];
    const calls = previous && isModelTurn(previous) ? callsOf(previous) : [];
    if (isModelTurn(content)) {
      if (responsesOf(content).length > 0 || (previous && isModelTurn(previous) && callsOf(content).length > 0)) {
        throw invalidArgument(
          'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
        );
      }
      if (calls.length > 0) throw invalidArgument(COUNT);
      return;
    }
    if (callsOf(content).length > 0) throw invalidArgument('Please use a valid role: function calls are of the model.');
    if (calls.length > 0) checkAnswer(calls, content);
    else if (responsesOf(content).length > 0) {
      throw invalidArgument('Please ensure that function response turn comes immediately after a function call turn.');
    }
  });
  const last = contents.at(-1);
  if (last && isModelTurn(last) && callsOf(last).length > 0) throw invalidArgument(COUNT);
};

const missingSignature = (door: Door, name: string, position: number): GoogleError =>
  invalidArgument(
    door === 'vertex'
      ? `Unable to submit request because function call \`${name}\` in the ${position}. content block is missing a \`thought_signature\`. Learn more: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures`
      : 'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. ' +
          `Additional data, function call \`${name}\` , position ${position}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
  );

/** Of models that paint: the first part that is no thought, the first text, and every picture. */
const paintingsToSign = (parts: readonly Fields[]): readonly Fields[] => {
  const shown = parts.filter((part) => part.thought !== true);
  const firstText = shown.find((part) => part.text !== undefined);
  return shown.filter(
    (part, index) => index === 0 || part === firstText || part.inlineData !== undefined || part.fileData !== undefined,
  );
};

const checkPaintingSignatures = (contents: readonly Fields[]): void => {
  contents.forEach((content, index) => {
    if (!isModelTurn(content)) return;
    const parts = partsOf(content);
    const unsigned = paintingsToSign(parts).find((part) => part.thoughtSignature === undefined);
    if (!unsigned) return;
    const kind = unsigned.text === undefined ? 'Image' : 'Text';
    throw invalidArgument(
      `${kind} part is missing a thought_signature in content position ${index + 1}, part position ${parts.indexOf(unsigned) + 1}. ` +
        'Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.',
    );
  });
};

const checkSignatures = (door: Door, model: Model, contents: readonly Fields[]): void => {
  for (const part of contents.flatMap(partsOf)) {
    const presented = part.thoughtSignature;
    if (presented !== undefined && !isGenuine(stringOf(presented), door, model.generation)) {
      throw invalidArgument('Corrupted thought signature.');
    }
  }
  if (model.generation !== '3') return;
  if (model.kind === 'image') checkPaintingSignatures(contents);
  for (const content of currentTurn(contents).filter(isModelTurn)) {
    const first = partsOf(content).find((part) => part.functionCall !== undefined);
    if (first && first.thoughtSignature === undefined) {
      const name = stringOf(fieldsOf(first.functionCall).name);
      throw missingSignature(door, name, contents.indexOf(content) + 1);
    }
  }
};

/** The system instruction and the conversation. */
export const checkContents = (door: Door, model: Model, request: Fields): void => {
  const contents = fieldsListOf(request.contents);
  if (contents.length === 0) {
    throw unable(door, 'at least one contents field is required', 'contents', 'contents is not specified');
  }
  if (request.systemInstruction !== undefined) {
    if (model.refusesInstruction) {
      throw invalidArgument(`Developer instruction is not enabled for models/${model.id}`);
    }
    checkContent(door, fieldsOf(request.systemInstruction), 'system_instruction');
  }
  checkRoles(door, contents);
  contents.forEach((content, index) => {
    checkContent(door, content, `contents[${index}]`);
  });
  checkPairs(contents);
  checkSignatures(door, model, contents);
  const last = contents.at(-1);
  if (last && model.refusesPrefill && isModelTurn(last)) {
    throw invalidArgument('Requests ending with a model turn are not supported.');
  }
};
