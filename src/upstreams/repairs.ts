/**
 * Layer: puts a request another way, once, when Google refuses it for something the client could not know. What Google
 * has taught about a model or a set of tools is remembered, so that the next such request needs no second call.
 */
import { createHash } from 'node:crypto';
import { RelayError } from '../errors.ts';
import type { Answer, Call, Layer } from '../gemini/call.ts';
import { rowOf } from '../gemini/call-row.ts';
import { schemaInstruction, simplifyTools } from '../gemini/json-schema.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { hasPainted, signaturesIn, withNeededSignatures, withSentinels } from '../gemini/signature-stand-ins.ts';
import type { SignatureCache } from '../gemini/signatures.ts';
import { writeJson } from '../json.ts';
import type { Logger } from '../log.ts';
import { refusalOf } from './refusals.ts';
import type { Refusal } from './refusals.ts';

export interface RepairNeeds {
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  /** Signatures that Google has refused are taken out of it. */
  readonly signatures: Pick<SignatureCache, 'forget'>;
  readonly log: Pick<Logger, 'info'>;
}

interface Repair {
  /** A client that speaks Gemini's own form gets Google's refusal, but for what the relay repairs without a loss. */
  readonly native: boolean;
  /** The same call where there is nothing to fix. */
  readonly fix: (call: Call) => Call;
  /** What else Google will refuse for the same cause; undefined where each request stands alone. */
  readonly causeOf: (call: Call) => string | undefined;
}

/** More than any operator's clients have tools and models. */
const MEMORY_ENTRIES = 1000;

export const withRepairs = ({ catalogue, signatures, log }: RepairNeeds): Layer => {
  const repairs: Readonly<Record<Refusal, Repair>> = {
    'thought-signature': {
      native: true,
      fix: (call) => {
        signatures.forget(signaturesIn(call.request));
        return withBypassedSignatures(call, catalogue);
      },
      causeOf: () => undefined,
    },
    'json-with-tools': { native: false, fix: withFormInWords, causeOf: modelOf('json-with-tools') },
    'media-resolution': {
      native: false,
      fix: withoutResolutions,
      causeOf: modelOf('media-resolution'),
    },
    penalties: { native: false, fix: withoutPenalties, causeOf: modelOf('penalties') },
    'model-first': { native: true, fix: withUserFirst, causeOf: () => undefined },
    'function-schema': { native: false, fix: withSimpleTools, causeOf: toolsOf },
  };
  const known = new Set<string>();
  /** The oldest entry makes room for a new one. */
  const learn = (cause: string | undefined): void => {
    if (cause === undefined) return;
    known.add(cause);
    for (const oldest of known) {
      if (known.size <= MEMORY_ENTRIES) break;
      known.delete(oldest);
    }
  };

  const withKnownRepairs = (call: Call): Call => {
    return Object.values(repairs).reduce((repaired, { causeOf, fix }) => {
      const cause = causeOf(call);
      return cause !== undefined && known.has(cause) ? fix(repaired) : repaired;
    }, call);
  };

  return (inner) => {
    /** After a refusal: the same question put another way, each way once. */
    const generateRepaired = async (
      original: Call,
      refused: Call,
      failure: unknown,
      signal: AbortSignal,
    ): Promise<Answer> => {
      const tried: Refusal[] = [];
      let call = refused;
      for (let error = failure; ;) {
        const refusal = refusalOf(error);
        if (refusal === undefined || tried.includes(refusal)) throw error;
        const repair = repairs[refusal];
        if (call.native && !repair.native) throw error;
        const repaired = repair.fix(call);
        if (repaired === call) throw error;
        log.info('a refused request is put another way', {
          refusal,
          model: call.model,
          reason: error instanceof RelayError ? error.reason : undefined,
        });
        tried.push(refusal);
        call = repaired;
        try {
          const answer = await inner.generate(call, signal);
          for (const refused of tried) learn(repairs[refused].causeOf(original));
          return answer;
        } catch (thrown) {
          error = thrown;
        }
      }
    };

    return {
      ...inner,
      generate: (original, signal) => {
        const call = known.size === 0 || original.native ? original : withKnownRepairs(original);
        return inner.generate(call, signal).catch((error: unknown) => generateRepaired(original, call, error, signal));
      },
    };
  };
};

/**
 * No signature of before is left, and none is missing that the model demands. Google says that signatures matter to it,
 * whatever the catalogue thinks.
 */
const withBypassedSignatures = (call: Call, catalogue: Pick<Catalogue, 'resolve'>): Call => {
  const request = withSentinels(call.request);
  const model = rowOf(call, catalogue);
  const unsigned = request.contents ?? [];
  const contents = withNeededSignatures(unsigned, {
    ...model,
    generation: Math.max(3, model.generation),
    outputsImages: model.outputsImages || hasPainted(unsigned),
  });
  if (request === call.request && contents === request.contents) return call;
  return { ...call, request: { ...request, contents } };
};

/** Some conversations begin with a greeting of the model's (SillyTavern). The chat route puts the same before them. */
const withUserFirst = (call: Call): Call => {
  const contents = call.request.contents ?? [];
  if (contents[0]?.role !== 'model') return call;
  return { ...call, request: { ...call.request, contents: [{ role: 'user', parts: [{ text: ' ' }] }, ...contents] } };
};

const withSimpleTools = (call: Call): Call => {
  if (!call.request.tools) return call;
  const request = simplifyTools(call.request);
  return writeJson(request.tools) === writeJson(call.request.tools) ? call : { ...call, request };
};

const withoutPenalties = (call: Call): Call => {
  const config = call.request.generationConfig;
  if (config?.presencePenalty === undefined && config?.frequencyPenalty === undefined) return call;
  const { presencePenalty: _presence, frequencyPenalty: _frequency, ...generationConfig } = config;
  return { ...call, request: { ...call.request, generationConfig } };
};

/** How closely each medium is looked at, for models and doors that know one setting for all. */
const withoutResolutions = (call: Call): Call => {
  const contents = call.request.contents ?? [];
  if (!contents.some(({ parts }) => parts?.some((part) => part['mediaResolution'] !== undefined))) return call;
  const plain = contents.map((content) => ({
    ...content,
    parts: (content.parts ?? []).map(({ mediaResolution: _, ...part }) => part),
  }));
  return { ...call, request: { ...call.request, contents: plain } };
};

/** The form of the answer as an instruction instead of as a setting. */
const withFormInWords = (call: Call): Call => {
  const { generationConfig: config, systemInstruction, tools } = call.request;
  if (!config?.responseMimeType || !tools || tools.length === 0) return call;
  const { responseMimeType: _type, responseJsonSchema, responseSchema: _schema, ...generationConfig } = config;
  const parts = [...(systemInstruction?.parts ?? []), { text: schemaInstruction(responseJsonSchema) }];
  return {
    ...call,
    request: { ...call.request, generationConfig, systemInstruction: { ...systemInstruction, parts } },
  };
};

/** A cause that goes with the model, and only shows on requests that have what it refuses. */
const modelOf =
  (refusal: Refusal) =>
  (call: Call): string =>
    `${refusal} ${call.model}`;

const toolsOf = (call: Call): string | undefined =>
  call.request.tools && createHash('sha256').update(writeJson(call.request.tools)).digest('base64');
