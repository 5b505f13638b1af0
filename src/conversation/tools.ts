/** Tools as declared by a client, in whatever shape → one list, and how a model wants them declared. */
import { missing, refusal } from '../errors/refusal.ts';
import type { FunctionNames } from '../gemini/function-names.ts';
import { simplifySchema, type normalizeSchema } from '../gemini/json-schema.ts';
import type { Model } from '../gemini/catalogue.ts';
import type { Draft, FunctionDeclaration, JsonObject, Tool } from '../gemini/types.ts';
import { isObject, membersOf, writeJson } from '../json.ts';

/** A function as the client declared it, under the client's name. */
export interface DeclaredFunction {
  readonly name: string;
  readonly description: string | undefined;
  readonly schema: JsonObject;
  /** The schema was no object: arguments travel as `{"value": …}`. */
  readonly wrapped: boolean;
  /** Free text in, free text out: arguments travel as `{"input": …}`. */
  readonly custom: boolean;
  readonly strict: boolean;
}

export interface DeclaredTools {
  readonly functions: readonly DeclaredFunction[];
  /** Client names of those that are custom, and of those that are wrapped. */
  readonly custom: ReadonlySet<string>;
  readonly wrapped: ReadonlySet<string>;
  /** Google's own tools: search, code execution, reading of URLs. */
  readonly builtIns: readonly Tool[];
  /** Declarations in Gemini's own form, passed as they are. */
  readonly native: readonly FunctionDeclaration[];
}

const NO_NAMES: ReadonlySet<string> = new Set();

export const NO_TOOLS: DeclaredTools = {
  functions: [],
  custom: NO_NAMES,
  wrapped: NO_NAMES,
  builtIns: [],
  native: [],
};

/** Takes a client's tools one after the other. */
export class ToolList {
  readonly #functions = new Map<string, DeclaredFunction>();
  #custom: Set<string> | undefined;
  #wrapped: Set<string> | undefined;
  /** The settings of each, as often as it was named. */
  readonly #builtIns = new Map<string, JsonObject[]>();
  readonly #native: FunctionDeclaration[] = [];

  declare(declared: DeclaredFunction): void {
    const known = this.#functions.get(declared.name);
    if (known && writeJson(known) !== writeJson(declared)) {
      throw refusal('invalid_value', 'tools', `The function '${declared.name}' is declared twice, in different ways.`);
    }
    this.#functions.set(declared.name, declared);
    if (declared.custom) (this.#custom ??= new Set()).add(declared.name);
    if (declared.wrapped) (this.#wrapped ??= new Set()).add(declared.name);
  }

  addBuiltIn(tool: Tool): void {
    for (const [key, settings] of Object.entries(tool)) {
      const named = this.#builtIns.get(key);
      if (named) named.push(settings as JsonObject);
      else this.#builtIns.set(key, [settings as JsonObject]);
    }
  }

  addNative(declarations: readonly FunctionDeclaration[]): void {
    for (const declaration of declarations) this.#native.push(declaration);
  }

  all(): DeclaredTools {
    return {
      functions: [...this.#functions.values()],
      custom: this.#custom ?? NO_NAMES,
      wrapped: this.#wrapped ?? NO_NAMES,
      // Named twice, perhaps with other settings: one tool with all of them.
      builtIns: Array.from(this.#builtIns, ([key, settings]) => ({ [key]: membersOf(settings) })),
      native: this.#native,
    };
  }
}

/** A function as a client describes it, whatever it calls the fields. */
export interface SentFunction {
  readonly name: unknown;
  readonly description: unknown;
  readonly schema: unknown;
  readonly strict: unknown;
}

/** `param`: where it stands. `normalize`: the memo of schemas that were seen before. */
export const toFunction = (sent: SentFunction, param: string, normalize: typeof normalizeSchema): DeclaredFunction => {
  const name = readName(sent.name, param);
  const { schema, wrapped } = normalize(sent.schema);
  return { name, description: textOf(sent.description), schema, wrapped, custom: false, strict: sent.strict === true };
};

/** Free text in place of arguments; a grammar for it goes into the description. */
export const toCustomFunction = (
  { name, description, format }: { readonly name: unknown; readonly description: unknown; readonly format: unknown },
  param: string,
): DeclaredFunction => {
  const lines = [textOf(description), grammarOf(format)].filter((line) => line !== undefined);
  return {
    name: readName(name, param),
    description: lines.length === 0 ? undefined : lines.join('\n\n'),
    schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
    wrapped: false,
    custom: true,
    strict: false,
  };
};

const readName = (name: unknown, param: string): string => {
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw missing(`${param}.name`);
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const grammarOf = (format: unknown): string | undefined => {
  if (!isObject(format) || format['type'] !== 'grammar') return undefined;
  const grammar = isObject(format['grammar']) ? format['grammar'] : format;
  const { syntax, definition } = grammar;
  if (typeof definition !== 'string') return undefined;
  return `The input must match this ${typeof syntax === 'string' ? syntax : 'lark'} grammar:\n${definition}`;
};

/** How a model wants functions declared. */
export const toDeclarations = (
  names: FunctionNames,
  model: Model,
): ((declared: DeclaredFunction) => FunctionDeclaration) => {
  // Models of other vendors behind Google's door get the field that is converted into their own schema.
  const isForeign = /^(?:claude|gpt-oss)-/i.test(model.id);
  return ({ name: given, description, schema }) => {
    const name = names.toGemini(given);
    const declaration: Draft<FunctionDeclaration> = description === undefined ? { name } : { name, description };
    if (isForeign) declaration.parameters = simplifySchema(schema, 'parameters');
    else declaration.parametersJsonSchema = schema;
    return declaration;
  };
};
