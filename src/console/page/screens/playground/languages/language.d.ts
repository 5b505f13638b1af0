/** What comes over the wire, in whichever language. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- read by looking for what may be there
export type Wire = any;

/** One of the languages that clients speak. */
export interface ClientLanguage {
  readonly id: 'chat' | 'responses' | 'messages' | 'gemini';
  /** Below the relay's address. */
  path(asked: Asked): string;
  /** With the secret where it belongs. */
  headers(secret: string): Readonly<Record<string, string>>;
  body(asked: Asked): unknown;
  /** What a part of the answer brings: one event of a stream, or the whole. A reader knows one answer. */
  reader(): {
    readonly event: (data: Wire, name: string) => readonly Piece[];
    readonly whole: (body: Wire) => readonly Piece[];
  };
}

export interface Asked {
  readonly model: string;
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly stream: boolean;
  readonly hasTool: boolean;
}

export interface Turn {
  readonly role: 'user' | 'model';
  /** Empty where a picture says it all: an empty text is refused by some of Google's doors. */
  readonly text: string;
  readonly picture?: Picture | undefined;
}

export interface Picture {
  readonly type: string;
  readonly base64: string;
}

export type Piece =
  | { readonly kind: 'text' | 'thought'; readonly text: string }
  /** `more`: arguments that belong to the call of this id, which has begun. */
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly name?: string;
      readonly args?: string;
      readonly more?: string;
    }
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'usage'; readonly input: number; readonly output: number }
  | { readonly kind: 'end'; readonly why: string }
  | { readonly kind: 'trouble'; readonly message: string };
