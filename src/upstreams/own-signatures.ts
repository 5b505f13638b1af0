/**
 * Layer: of the thought signatures in a request only those go to Google that this door has made for this family of
 * models. In place of another's stands what Google takes for one that is lost.
 */
import { watched } from '../gemini/answers.ts';
import type { Answer, Call, Chunk, Layer } from '../gemini/call.ts';
import { rowOf } from '../gemini/call-row.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { withNeededSignatures, withSentinels } from '../gemini/signature-stand-ins.ts';
import type { SignatureCache, SignatureSource } from '../gemini/signatures.ts';
import { isSignature } from '../gemini/signatures.ts';
import type { GenerateContentResponse } from '../gemini/types.ts';
import { isObject } from '../json.ts';

export interface OwnSignatureNeeds {
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly signatures: Pick<SignatureCache, 'note' | 'knowsOthersThan' | 'isAnothers' | 'counts'>;
  /** Whether answers are looked through, so that it is known later who signed: of use where there are several doors. */
  readonly watches: boolean;
}

export const withOwnSignatures = ({ catalogue, signatures, watches }: OwnSignatureNeeds): Layer => {
  const sourceOf = (call: Call): SignatureSource => ({
    family: rowOf(call, catalogue).family,
    account: call.record.account ?? '',
  });

  const withOwn = (call: Call, source: SignatureSource): Call => {
    if (!signatures.knowsOthersThan(source)) return call;
    const request = withSentinels(
      call.request,
      (signature) => typeof signature === 'string' && signatures.isAnothers(signature, source),
    );
    if (request === call.request) return call;
    signatures.counts.bypass += 1;
    const contents = withNeededSignatures(request.contents ?? [], rowOf(call, catalogue));
    return { ...call, request: { ...request, contents } };
  };

  const note = (batch: readonly Chunk[], source: SignatureSource): void => {
    for (const chunk of batch) for (const signature of signaturesOf(chunk)) signatures.note(signature, source);
  };
  const noted = (answer: Answer, source: SignatureSource): Answer => {
    // A whole answer is there already, and needs no watcher.
    if (Symbol.asyncIterator in answer)
      return watched(answer, {
        batch: (batch) => {
          note(batch, source);
        },
      });
    for (const batch of answer) note(batch, source);
    return answer;
  };

  return (inner) => ({
    ...inner,
    generate: (call, signal) => {
      const source = sourceOf(call);
      const answer = inner.generate(withOwn(call, source), signal);
      if (!watches) return answer;
      return answer.then((opened) => noted(opened, source));
    },
    countTokens: (call, signal) => inner.countTokens(withOwn(call, sourceOf(call)), signal),
  });
};

/** Most chunks have none, and are not parsed for that. */
const signaturesOf = (chunk: Chunk): readonly string[] =>
  chunk.more || !chunk.json.includes('houghtSignature') ? NONE : signaturesIn(chunk.value);

const NONE: readonly string[] = [];

const signaturesIn = ({ candidates }: GenerateContentResponse): readonly string[] =>
  (candidates ?? []).flatMap(({ content }) =>
    (content?.parts ?? []).flatMap((part) =>
      isObject(part) && isSignature(part.thoughtSignature) ? [part.thoughtSignature] : [],
    ),
  );
