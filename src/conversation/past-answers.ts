/** What functions answered, as clients bring it back. */
import { splitSignedId } from '../gemini/signatures.ts';
import type { JsonObject, Part } from '../gemini/types.ts';

export interface PastAnswer {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly response: JsonObject;
  readonly media: readonly Part[];
}

/** An answer as it stands in the client's body, its content converted. */
export interface SentAnswer {
  readonly id: unknown;
  /** Most clients name the call alone. */
  readonly name?: unknown;
  readonly isError: boolean;
  /** Read without `mediaResolution`: inside an answer Google knows no resolution of a medium. */
  readonly parts: readonly Part[];
}

export const toPastAnswer = ({ id, name, isError, parts }: SentAnswer): PastAnswer => {
  const texts: string[] = [];
  const media: Part[] = [];
  for (const part of parts) {
    if (part.text === undefined) media.push(part);
    else texts.push(part.text);
  }
  return {
    id: typeof id === 'string' && id !== '' ? splitSignedId(id).id : undefined,
    name: typeof name === 'string' && name !== '' ? name : undefined,
    // Verbatim text: parsed JSON would lose long integers and meet the keys that mean something here.
    response: { [isError ? 'error' : 'output']: texts.join('\n') },
    media,
  };
};
