/** Tools in namespaces are known to clients by two names, and to Gemini by one. */
export interface NamespacedTool {
  readonly namespace: string;
  readonly name: string;
}

export class Namespaces {
  /** Made for the first: most clients have none. */
  #tools: Map<string, NamespacedTool> | undefined;
  readonly #plain: ReadonlySet<string>;

  /** `plain`: the names of tools without a namespace. */
  constructor(plain = NO_NAMES) {
    this.#plain = plain;
  }

  /** One name for both, the same each time, and nobody else's. */
  join(namespace: string, name: string): string {
    const tools = (this.#tools ??= new Map<string, NamespacedTool>());
    for (let joined = `${namespace}__${name}`; ; joined += '_') {
      const known = tools.get(joined);
      if (known?.namespace === namespace && known.name === name) return joined;
      if (known || this.#plain.has(joined)) continue;
      tools.set(joined, { namespace, name });
      return joined;
    }
  }

  find(joined: string): NamespacedTool | undefined {
    return this.#tools?.get(joined);
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();
