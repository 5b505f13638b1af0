/**
 * Server tools beside functions, for models that take none of Google's own with them: they are declared as functions,
 * and what the model calls of them the relay asks Google in a call of its own (`own-rounds.ts`).
 */
import type { Model } from '../../../gemini/catalogue.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import type { DeclaredFunction, DeclaredTools } from '../../../conversation/tools.ts';
import type { Tool } from '../../../gemini/types.ts';
import type { ReadTools } from './tools.ts';

export interface OwnTool extends Form {
  readonly tool: Tool;
  /** As often as the client allows it in one answer. */
  readonly most: number;
}

/** By the client's name. */
export type OwnTools = ReadonlyMap<string, OwnTool>;

export interface TakenOver {
  readonly declared: DeclaredTools;
  /** Undefined where Google runs them all, or nobody does. */
  readonly own: OwnTools | undefined;
}

/** For models that take either functions or Google's own tools. */
export const takeOver = ({ declared, server }: ReadTools, model: Model, ignored: Ignored): TakenOver => {
  const own = ownTools(declared, server, model);
  for (const [name, { tool, maxUses }] of server) {
    if (maxUses !== undefined && !own.has(name)) ignored.add('tools[].max_uses');
    // Which pages are read is for Google to choose: this search is asked for in words.
    if (own.has(name) && tool.googleSearch?.['excludeDomains'] !== undefined) ignored.add('tools[].blocked_domains');
  }
  if (own.size === 0) return { declared, own: undefined };
  const builtIns = declared.builtIns.filter((tool) => !FORMS.some(({ key }) => key in tool));
  return { declared: { ...declared, functions: [...declared.functions, ...declarationsOf(own)], builtIns }, own };
};

const ownTools = ({ functions }: DeclaredTools, server: ReadTools['server'], model: Model): OwnTools => {
  const own = new Map<string, OwnTool>();
  const taken = new Set(server.size > 0 ? functions.map(({ name }) => name) : []);
  for (const [name, { tool, maxUses = MOST_USES }] of server) {
    const form = FORMS.find(({ key }) => key in tool);
    const isServed = form && (form.key !== 'googleSearch' || model.search);
    if (!isServed || taken.has(name)) continue;
    own.set(name, { ...form, tool: { [form.key]: {} }, most: Math.min(maxUses, MOST_USES) });
  }
  return own;
};

/** Nobody needs more in one answer, and each costs a call. */
const MOST_USES = 5;

interface Form {
  readonly key: string;
  /** The argument that says what is wanted. */
  readonly argument: string;
  readonly description: string;
  readonly ask: (wanted: string) => string;
}

const FORMS: readonly Form[] = [
  {
    key: 'googleSearch',
    argument: 'query',
    description: 'Searches the web, and tells what was found and where.',
    ask: (query) => query,
  },
  {
    key: 'urlContext',
    argument: 'url',
    description: 'Reads a page of the web, and tells what stands there.',
    ask: (url) => `Read ${url} and say all that stands there.`,
  },
];

const declarationsOf = (own: OwnTools): readonly DeclaredFunction[] =>
  [...own].map(([name, { argument, description }]) => ({
    name,
    description,
    schema: { type: 'object', properties: { [argument]: { type: 'string' } }, required: [argument] },
    wrapped: false,
    custom: false,
    strict: false,
  }));
