/** What stands at an address. Pages, refusals, documents and checks say of the routes what is written here. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Under the family's usual base; `{model}` stands for any model, `{response}` for an answer that is kept. */
  readonly path: string;
  /** What the address is usually asked with besides. */
  readonly query?: string;
  /** A form with files, where it does not take JSON. */
  readonly takes?: 'form';
  /** Unique in its family: `chat`, `models`. */
  readonly name: string;
  /** Only a door of the Gemini API has it. */
  readonly isKept?: true;
  /** In a few words. */
  readonly does: string;
}

/** A language spoken to clients, as far as one can speak of it without speaking it. */
export interface Family {
  readonly name: string;
  readonly title: string;
  /** What its clients are given as the base of all addresses. */
  readonly base: string;
  /** The headers by which a caller shows that it speaks this language, where addresses alone do not. */
  readonly mark?: Readonly<Record<string, string>>;
  readonly endpoints: readonly Endpoint[];
}
