/** Tools and the choice among them. Functions of the client's own, and what Anthropic's servers would run themselves. */
import { toBuiltIns } from '../../../conversation/built-ins.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { AUTO, checkToolChoice, type ToolChoice } from '../../../conversation/tool-choice.ts';
import { NO_TOOLS, ToolList, toFunction, type DeclaredTools } from '../../../conversation/tools.ts';
import { missing, refusal } from '../../../errors/refusal.ts';
import type { normalizeSchema } from '../../../gemini/json-schema.ts';
import type { Model } from '../../../gemini/catalogue.ts';
import type { JsonObject, Tool } from '../../../gemini/types.ts';
import type { MessagesRequest } from './request.ts';
import { toolsNow } from './tool-changes.ts';

export interface ReadTools {
  readonly declared: DeclaredTools;
  /** The client's name for its web search; undefined where it has none. */
  readonly search: string | undefined;
  /** Tools that the server runs, by the client's name. */
  readonly server: ReadonlyMap<string, ServerTool>;
  /** There are functions as well, and the model takes either them or tools of Google's own. */
  readonly isEither: boolean;
}

export interface ServerTool {
  readonly tool: Tool;
  readonly maxUses: number | undefined;
}

export const readTools = (
  request: MessagesRequest,
  model: Model,
  ignored: Ignored,
  normalize: typeof normalizeSchema,
): ReadTools => {
  const tools = toolsNow(request);
  if (tools.length === 0) return NONE;
  const list = new ToolList();
  const server = new Map<string, ServerTool>();
  let search: string | undefined;
  const isEither =
    model.tools && model.generation > 0 && model.generation < 3 && tools.some(({ tool }) => isFunction(tool));
  for (const { tool, param } of tools) {
    const type = typeof tool['type'] === 'string' ? tool['type'] : 'custom';
    const name = typeof tool['name'] === 'string' ? tool['name'] : type;
    const isOwn = type === 'custom';
    const known = isOwn ? undefined : OWN_FUNCTIONS.find(([pattern]) => pattern.test(type));
    const builtIns = isOwn ? undefined : builtInsOf(type, tool, isEither, ignored);
    if (name === PLACEHOLDER) {
      ignored.add(`tools[] (${PLACEHOLDER})`);
    } else if (builtIns) {
      for (const builtIn of builtIns) {
        list.addBuiltIn(builtIn);
        if ('googleSearch' in builtIn) search = name;
        server.set(name, {
          tool: builtIn,
          maxUses: typeof tool['max_uses'] === 'number' ? tool['max_uses'] : undefined,
        });
      }
    } else if (isOwn || known || tool['input_schema'] !== undefined) {
      ignored.rest(tool, FUNCTION_FIELDS, 'tools[]');
      const [, words, form] = known ?? [];
      const { description = words, input_schema: schema = form, strict } = tool;
      const declared = { name: known ? name : tool['name'], description, schema, strict };
      list.declare(toFunction(declared, param, normalize));
    } else {
      // What only Anthropic can run; refusing one would refuse all requests of its client.
      ignored.add(`tools[] (${type})`);
    }
  }
  return { declared: list.all(), search, server, isEither };
};

const NONE: ReadTools = { declared: NO_TOOLS, search: undefined, server: new Map(), isEither: false };

const isFunction = ({ type, input_schema: schema }: JsonObject): boolean =>
  typeof type !== 'string' ||
  type === 'custom' ||
  schema !== undefined ||
  OWN_FUNCTIONS.some(([pattern]) => pattern.test(type));

/** Claude Code's stand-in for tools that it has not loaded: it would be refused to call it. */
const PLACEHOLDER = 'DeferredToolPlaceholder';

/** What has its effect without being passed on, or means nothing to Google, in each request of Claude Code's. */
const FUNCTION_FIELDS: ReadonlySet<string> = new Set([
  ...['type', 'name', 'description', 'input_schema', 'strict'],
  ...['cache_control', 'defer_loading', 'eager_input_streaming'],
]);

const builtInsOf = (
  type: string,
  tool: JsonObject,
  isEither: boolean,
  ignored: Ignored,
): readonly Tool[] | undefined => {
  const known = SERVER_TOOLS.find(([pattern]) => pattern.test(type));
  if (!known) return undefined;
  const { cache_control: _, ...rest } = tool;
  // Whoever runs it counts; Google does not.
  return toBuiltIns({ ...rest, ...(isEither && { max_uses: undefined }), type: known[1] }, 'tools[]', ignored);
};

const SERVER_TOOLS: readonly (readonly [RegExp, string])[] = [
  [/^web_search(?:_|$)/, 'google_search'],
  [/^web_fetch(?:_|$)/, 'url_context'],
  [/^code_execution(?:_|$)/, 'code_execution'],
];

const command = (properties: JsonObject, required: readonly string[]): JsonObject => ({
  type: 'object',
  properties,
  required,
});
const words = { type: 'string' };
const EDITOR_FIELDS = {
  path: words,
  file_text: words,
  old_str: words,
  new_str: words,
  insert_line: { type: 'integer' },
  insert_text: words,
  view_range: { type: 'array', items: { type: 'integer' } },
};

/** Tools of Anthropic's that the client runs: Claude knows their forms by heart, other models are told. */
const OWN_FUNCTIONS: readonly (readonly [RegExp, string, JsonObject])[] = [
  [
    /^bash_\d/,
    'Runs a command in a bash session that stays open; with `restart` the session begins anew.',
    command({ command: words, restart: { type: 'boolean' } }, []),
  ],
  [
    /^text_editor_\d/,
    'Views and edits text files: view (a file or folder, perhaps with view_range), create (file_text), ' +
      'str_replace (old_str, which occurs once, by new_str), insert (insert_text behind insert_line).',
    command({ command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert'] }, ...EDITOR_FIELDS }, [
      'command',
      'path',
    ]),
  ],
  [
    /^memory_\d/,
    'Keeps notes as files under /memories: view, create (file_text), str_replace (old_str by new_str), ' +
      'insert (insert_text behind insert_line), delete, rename (old_path to new_path).',
    command(
      {
        command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
        ...EDITOR_FIELDS,
        old_path: words,
        new_path: words,
      },
      ['command'],
    ),
  ],
];

export interface ReadChoice {
  readonly choice: ToolChoice;
  /** The client waits for what a search finds, and for nothing else. */
  readonly forcesSearch: boolean;
}

export const NO_CHOICE: ReadChoice = { choice: AUTO, forcesSearch: false };

export const readToolChoice = (sent: JsonObject, tools: ReadTools, ignored: Ignored): ReadChoice => {
  ignored.rest(sent, CHOICE_FIELDS, 'tool_choice');
  const { type, name } = sent;
  const single = sent['disable_parallel_tool_use'] === true;
  const mode = typeof type === 'string' ? MODES.get(type) : undefined;
  if (type === 'tool') {
    if (typeof name !== 'string') {
      throw missing('tool_choice.name');
    }
    // Google's own tools can't be forced: a model that has nothing else uses them when it should.
    if (tools.server.has(name)) return { choice: { ...AUTO, single }, forcesSearch: name === tools.search };
    const choice = checkToolChoice({ mode: 'ANY', only: [name], single }, tools.declared, 'tool_choice');
    return { choice, forcesSearch: false };
  }
  if (!mode) {
    throw refusal('invalid_value', 'tool_choice.type', "'tool_choice.type' must be auto, any, tool or none.");
  }
  const onlyServer = tools.declared.functions.length === 0 && tools.server.size > 0;
  if (mode === 'ANY' && onlyServer) {
    return { choice: { ...AUTO, single }, forcesSearch: tools.search !== undefined };
  }
  const choice = checkToolChoice({ mode, only: undefined, single }, tools.declared, 'tool_choice');
  return { choice, forcesSearch: false };
};

const CHOICE_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'disable_parallel_tool_use']);

const MODES: ReadonlyMap<string, ToolChoice['mode']> = new Map([
  ['auto', 'AUTO'],
  ['any', 'ANY'],
  ['none', 'NONE'],
]);
