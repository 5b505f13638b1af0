import { createHash } from 'node:crypto';
import { currentTurn, responsesOf } from './check-contents.ts';
import { declarationsOf } from './check-tools.ts';
import type { Wishes } from './phrases.ts';
import type { Question } from './question.ts';
import { sampleOf } from './sample.ts';
import { fieldsListOf, fieldsOf, listOf, stringOf, type Fields } from './values.ts';

const chosen = (declarations: readonly Fields[], allowed: readonly string[], text: string): Fields | undefined => {
  const open = declarations.filter(({ name }) => allowed.length === 0 || allowed.includes(stringOf(name)));
  return open.find(({ name }) => text.includes(stringOf(name))) ?? open[0];
};

/** More functions are a whole agent's. */
const MOST_OFFERED = 8;

/**
 * One call of the first function (or the one that the text names, or the only one allowed), its arguments made from
 * its schema and the text; several for a text with several subjects. None once the functions have answered, unless
 * there must be one, or so many are declared that they are all that an agent can do.
 */
export const callsToMake = ({ door, model, request }: Question, wishes: Wishes, text: string): readonly Fields[] => {
  const config = fieldsOf(fieldsOf(request.toolConfig).functionCallingConfig);
  const rounds = currentTurn(fieldsListOf(request.contents)).filter(
    (content) => responsesOf(content).length > 0,
  ).length;
  const answered = rounds > 0;
  const must = config.mode === 'ANY';
  const declarations = declarationsOf(request);
  const scripted = wishes.calls[rounds];
  const isScripted = declarations.some(({ name }) => name === scripted?.name);
  // An agent declares all that it can do with each question: most of them ask for none of it.
  const isAgent = declarations.length > MOST_OFFERED;
  if (config.mode === 'NONE' || (!must && !isScripted && (answered || wishes.withoutTools || isAgent))) return [];

  if (scripted && isScripted) return [{ functionCall: { name: scripted.name, args: scripted.args } }];
  const declaration = chosen(declarations, listOf(config.allowedFunctionNames).map(stringOf), text);
  if (!declaration) return [];
  const name = stringOf(declaration.name);
  const schema = declaration.parametersJsonSchema ?? declaration.parameters ?? { type: 'object' };
  return wishes.subjects.map((subject, index) => {
    const args = fieldsOf(sampleOf(schema, subject));
    // The Gemini API numbers the calls of Gemini 3; the other two doors leave that to the client.
    const id = createHash('sha256').update(`${name} ${subject} ${index}`).digest('hex').slice(0, 8);
    const isNumbered = door === 'gemini-api' && model.generation === '3';
    return { functionCall: { ...(isNumbered && { id }), name, args } };
  });
};
