/** The signatures of a history: what stands in for those that are lost, and those that Google has refused. */
import { isObject, listOf } from '../json.ts';
import type { Model } from './catalogue.ts';
import { SENTINEL, isSignature } from './signatures.ts';
import type { Content, GenerateContentRequest, Part } from './types.ts';

/**
 * From Gemini 3 on: the sentinel wherever Google demands a signature and none is there. That is the first function call
 * of each content of the model's; for models that paint it is the first text and every picture as well. The same
 * reference when nothing changes.
 */
export const withNeededSignatures = (contents: readonly Content[], model: Model): readonly Content[] => {
  if (model.generation < 3) return contents;
  return mapChanged(contents, (content) => {
    if (!isObject(content) || content.role !== 'model' || !Array.isArray(content.parts)) return content;
    const parts: readonly Part[] = content.parts;
    const first = parts.findIndex((part) => isObject(part) && isObject(part.functionCall));
    const called = first === -1 ? parts : withSentinelAt(parts, first);
    const signed = model.outputsImages ? withPaintingSignatures(called) : called;
    return signed === parts ? content : { ...content, parts: signed };
  });
};

const withPaintingSignatures = (parts: readonly Part[]): readonly Part[] => {
  const firstText = parts.findIndex((part) => isObject(part) && typeof part.text === 'string' && part.thought !== true);
  return mapChanged(parts, (part, at) => (at === firstText || isPicture(part) ? withSentinel(part) : part));
};

/** Drafts of a picture among the thoughts need none. */
const isPicture = (part: Part): boolean =>
  isObject(part) && (isObject(part.inlineData) || isObject(part.fileData)) && part.thought !== true;

/** The same parts where that one is signed already. */
const withSentinelAt = (parts: readonly Part[], at: number): readonly Part[] => {
  const part = parts[at];
  const signed = part && withSentinel(part);
  return !signed || signed === part ? parts : parts.with(at, signed);
};

/** The same part where it is signed already. */
const withSentinel = (part: Part): Part => (part.thoughtSignature ? part : { ...part, thoughtSignature: SENTINEL });

/** Whether the model has painted in this conversation, whatever the catalogue knows of it. */
export const hasPainted = (contents: readonly Content[]): boolean =>
  contents.some((content) => isObject(content) && content.role === 'model' && listOf(content.parts).some(isPainting));

const isPainting = (part: unknown): boolean => isObject(part) && isPicture(part);

/** The sentinel on every signed call whose signature is no good, and no such signature elsewhere. */
export const withSentinels = (
  request: GenerateContentRequest,
  isNoGood: (signature: unknown) => boolean = always,
): GenerateContentRequest => {
  if (!Array.isArray(request.contents)) return request;
  const contents = mapChanged(request.contents as readonly Content[], (content) => {
    if (!isObject(content) || !Array.isArray(content.parts)) return content;
    const parts = mapChanged(content.parts as readonly Part[], (part) => {
      if (!isObject(part) || part.thoughtSignature === undefined || part.thoughtSignature === SENTINEL) return part;
      if (!isNoGood(part.thoughtSignature)) return part;
      if (isObject(part.functionCall)) return { ...part, thoughtSignature: SENTINEL };
      const { thoughtSignature: _refused, ...rest } = part;
      return rest;
    });
    return parts === content.parts ? content : { ...content, parts };
  });
  return contents === request.contents ? request : { ...request, contents };
};

const always = (): boolean => true;

/** Every signature that a request carries: what to forget when Google refuses one of them. */
export const signaturesIn = (request: GenerateContentRequest): readonly string[] => {
  const signatures: string[] = [];
  for (const content of listOf(request.contents)) {
    for (const part of isObject(content) ? listOf(content['parts']) : []) {
      if (isObject(part) && isSignature(part['thoughtSignature'])) signatures.push(part['thoughtSignature']);
    }
  }
  return signatures;
};

const mapChanged = <T>(items: readonly T[], change: (item: T, index: number) => T): readonly T[] => {
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
};
