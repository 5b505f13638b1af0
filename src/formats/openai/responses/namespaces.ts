/** Tools in namespaces are known to clients by two names, and to Gemini by one. */
export interface NamespacedTool {
  readonly namespace: string;
  readonly name: string;
}

export class Namespaces {
  /** Made for the first: most clients have none. */
  #tools: Map<string, NamespacedTool> | undefined;
  readonly #joined = new Map<string, string>();
  readonly #plain: ReadonlySet<string>;

  /** `plain`: the names of tools without a namespace. */
  constructor(plain = NO_NAMES) {
    this.#plain = plain;
  }

  /** One name for both, the same each time, and nobody else's. */
  join(namespace: string, name: string): string {
    const both = `${namespace.length} ${namespace}${name}`;
    const known = this.#joined.get(both);
    if (known !== undefined) return known;
    const tools = (this.#tools ??= new Map<string, NamespacedTool>());
    let joined = `${namespace}__${name}`;
    while (tools.has(joined) || this.#plain.has(joined)) joined += '_';
    tools.set(joined, { namespace, name });
    this.#joined.set(both, joined);
    return joined;
  }

  find(joined: string): NamespacedTool | undefined {
    return this.#tools?.get(joined);
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();
