/**
 * What Google keeps for somebody (files, caches, batches, interactions, operations): which door has it, and who made it.
 * To everybody else it is not there.
 */
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { isObject } from '../json.ts';
import type { GenerateContentRequest } from './types.ts';

export interface Resource {
  /** As Google names it: `files/abc`, `cachedContents/…`, `batches/…`, `interactions/…`, `models/…/operations/…`. */
  readonly name: string;
  /** Id of the door that has it. */
  readonly door: string;
  /** `Caller.id` of who made it. */
  readonly owner: string;
  /** When Google forgets it, as far as is known. */
  readonly endsAt: number;
  /** What Google does not keep of it: OpenAI's `purpose` of a file, of an interaction that its tokens are counted. */
  readonly note?: string | undefined;
}

export interface Resources {
  /** Resolves once it outlasts a restart, or where it cannot: what the relay itself knows goes on. Never rejects. */
  bind(resource: Resource): Promise<void>;
  /**
   * Undefined where there is none of that name, or it is another's, or its door is gone. Rejects (503) where it cannot
   * be known now.
   */
  find(name: string, owner: string): Promise<Resource | undefined>;
  /** `Caller.id` of who made it, also where it is there no more; undefined where nobody is known. Rejects like `find`. */
  ownerOf(name: string): Promise<string | undefined>;
  /** All of one owner's in a collection (`files`, `batches`, …), newest first. */
  list(owner: string, collection: string): Promise<readonly Resource[]>;
  /**
   * Notes that what it used is counted. Resolves to whether it was not before, here or at another relay: each time that
   * somebody asks for it Google tells the same tokens again. Never rejects.
   */
  countOnce(name: string, owner: string): Promise<boolean>;
  /** It was deleted at Google. Never rejects. */
  forget(name: string): Promise<void>;
}

/** `models/veo-3/operations/x` is one of the `operations`. */
export const collectionOf = (name: string): string => name.split('/').at(-2) ?? '';

export const notThere = (name: string): RelayError =>
  failed('resource_not_found', `There is no '${name}' for this key. It was deleted, is too old, or is another key's.`);

/** Vertex AI names things by project and location as well; no two of a relay's are told apart by that. */
export const shortName = (name: string): string =>
  name.replace(/^projects\/[^/]{1,100}\/locations\/[^/]{1,100}\/(?:publishers\/google\/(?=models\/))?/, '');

/** What Google keeps that a request names. */
export const resourcesIn = ({ cachedContent, contents, systemInstruction }: Naming): readonly string[] => {
  let names: Set<string> | undefined;
  const add = (name: string): void => {
    (names ??= new Set()).add(name);
  };
  if (typeof cachedContent === 'string' && cachedContent !== '') add(shortName(cachedContent));
  for (const { parts } of contents ?? []) namesInParts(parts, add);
  if (systemInstruction !== undefined) namesInParts(systemInstruction.parts, add);
  return names ? [...names] : NONE;
};

type Naming = Pick<GenerateContentRequest, 'contents' | 'systemInstruction'> & { readonly cachedContent?: unknown };

const NONE: readonly string[] = [];

/** Answers of functions have parts of their own. */
const namesInParts = (parts: unknown, add: (name: string) => void): void => {
  if (!Array.isArray(parts)) return;
  for (const part of parts as readonly unknown[]) {
    if (!isObject(part)) continue;
    const { fileData, functionResponse } = part;
    if (isObject(fileData) && typeof fileData['fileUri'] === 'string') {
      const name = fileNameIn(fileData['fileUri']);
      if (name !== undefined) add(name);
    }
    if (isObject(functionResponse)) namesInParts(functionResponse['parts'], add);
  }
};

/** Of the Files API: `files/abc`, by itself or at the end of an address. Others are fetched by Google from elsewhere. */
export const fileNameIn = (uri: string): string | undefined =>
  /^(?:https?:\/\/[^/?#]+(?:\/[^/?#]+)*?\/v\d\w*\/)?(files\/[\w-]+)$/.exec(uri)?.[1];

/** As Google calls it: it takes no other address. */
export const fileAddress = (name: string): string => `https://generativelanguage.googleapis.com/v1beta/${name}`;

const NAME = /^(?:cachedContents|batches|operations|models\/[\w.-]+\/operations)\/[\w.-]+$/;
/** In interactions these name one by its id alone. */
const IDS: ReadonlySet<string> = new Set(['previous_interaction_id', 'previousInteractionId']);

const TEXTS: ReadonlySet<string> = new Set([
  'text',
  'input',
  'system_instruction',
  'prompt',
  'displayName',
  'display_name',
]);

export interface Mentioned {
  readonly names: readonly string[];
  /** Of all its texts. */
  readonly letters: number;
}

/**
 * What Google keeps that any body names, wherever in it: Google would give it to whoever asks with the relay's key. What
 * is written in a text is a text.
 */
export const mentionedIn = (body: unknown): Mentioned => {
  const names = new Set<string>();
  let letters = 0;
  const look = (value: unknown, member: string): void => {
    if (typeof value === 'string') {
      if (TEXTS.has(member)) letters += value.length;
      else if (IDS.has(member)) names.add(`interactions/${value}`);
      else {
        const short = shortName(value);
        const name = NAME.test(short) ? short : fileNameIn(value);
        if (name !== undefined) names.add(name);
      }
    } else if (Array.isArray(value)) for (const item of value as readonly unknown[]) look(item, member);
    else if (isObject(value)) for (const [name, inner] of Object.entries(value)) look(inner, name);
  };
  look(body, '');
  return { names: [...names], letters };
};
