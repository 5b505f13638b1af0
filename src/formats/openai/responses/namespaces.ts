/** Tools in namespaces are known to clients by two names, and to Gemini by one. */
export interface NamespacedTool {
  readonly namespace: string;
  readonly name: string;
}

export class Namespaces {
  readonly #tools = new Map<string, NamespacedTool>();
  readonly #plain: ReadonlySet<string>;

  /** `plain`: the names of tools without a namespace. */
  constructor(plain: ReadonlySet<string>) {
    this.#plain = plain;
  }

  /** One name for both, the same each time, and nobody else's. */
  join(namespace: string, name: string): string {
    for (let joined = `${namespace}__${name}`; ; joined += '_') {
      const known = this.#tools.get(joined);
      if (known?.namespace === namespace && known.name === name) return joined;
      if (known || this.#plain.has(joined)) continue;
      this.#tools.set(joined, { namespace, name });
      return joined;
    }
  }

  find(joined: string): NamespacedTool | undefined {
    return this.#tools.get(joined);
  }
}
