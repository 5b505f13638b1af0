import type { Account } from './account.ts';
import type { Door } from './exchange.ts';

export type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH' | 'XHIGH';

/** How a model is told to think: by a number of tokens, or by a level. Without one it does not think. */
export type Thinking =
  | {
      readonly by: 'budget';
      readonly min: number;
      readonly max: number;
      readonly canBeOff: boolean;
      readonly initially: boolean;
    }
  | {
      readonly by: 'level';
      readonly levels: readonly ThinkingLevel[];
      readonly initially: ThinkingLevel;
      /** What a budget of 0 does: it switches thinking off, changes nothing, or is refused. */
      readonly zero?: 'off' | 'refused';
    };

export interface Model {
  readonly id: string;
  /** Signatures and many rules go by it. */
  readonly generation: '2.5' | '3' | 'gemma' | 'embedding';
  readonly kind: 'pro' | 'flash' | 'flash-lite' | 'image' | 'speech' | 'live' | 'film' | 'gemma' | 'embedding';
  readonly thinking?: Thinking;
  readonly doors: readonly Door[];
  /** Penalties other than zero are refused. */
  readonly refusesPenalties?: boolean;
  /** More than one candidate is refused. */
  readonly refusesCandidates?: boolean;
  /** A conversation that ends with the model's own turn is refused. */
  readonly refusesPrefill?: boolean;
  readonly inputLimit: number;
  readonly outputLimit: number;
  /** A system instruction is refused. */
  readonly refusesInstruction?: boolean;
  /** Served in Vertex's `global` location only. */
  readonly globalOnly?: boolean;
}

const ALL: readonly Door[] = ['code-assist', 'gemini-api', 'vertex'];
const KEYED: readonly Door[] = ['gemini-api', 'vertex'];

const TEXT = { inputLimit: 1_048_576, outputLimit: 65_536 } as const;

const budget = (min: number, max: number, canBeOff: boolean, initially = true): Thinking => ({
  by: 'budget',
  min,
  max,
  canBeOff,
  initially,
});

const levels = (
  names: readonly ThinkingLevel[],
  initially: ThinkingLevel,
): Extract<Thinking, { readonly by: 'level' }> => ({
  by: 'level',
  levels: names,
  initially,
});

const FOUR: readonly ThinkingLevel[] = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'];
const THREE: readonly ThinkingLevel[] = ['LOW', 'MEDIUM', 'HIGH'];

const pro3 = (id: string, names: readonly ThinkingLevel[], doors = ALL): Model => ({
  id,
  generation: '3',
  kind: 'pro',
  thinking: levels(names, 'HIGH'),
  doors,
  globalOnly: true,
  ...TEXT,
});

const flash3 = (
  id: string,
  thinking: Thinking,
  more: Partial<Pick<Model, 'kind' | 'doors' | 'refusesPrefill' | 'refusesCandidates' | 'globalOnly'>> = {},
): Model => ({
  id,
  generation: '3',
  kind: 'flash',
  thinking,
  doors: ALL,
  refusesPenalties: true,
  ...TEXT,
  ...more,
});

/** What Google says of its newest small models. */
const NEWEST = { refusesPrefill: true, refusesCandidates: true } as const;

const image = (id: string, generation: '2.5' | '3'): Model => ({
  id,
  generation,
  kind: 'image',
  doors: KEYED,
  inputLimit: 65_536,
  outputLimit: 32_768,
  ...(generation === '3' && { thinking: levels(['LOW', 'HIGH'], 'HIGH'), globalOnly: true }),
});

/** Says aloud what it is given, and does nothing else. */
const speech = (id: string, generation: '2.5' | '3'): Model => ({
  id,
  generation,
  kind: 'speech',
  doors: KEYED,
  refusesInstruction: true,
  inputLimit: 8_192,
  outputLimit: 16_384,
  ...(generation === '3' && { globalOnly: true }),
});

/** Hears and speaks in a session. */
const live = (id: string, generation: '2.5' | '3', doors: readonly Door[] = ['gemini-api']): Model => ({
  id,
  generation,
  kind: 'live',
  doors,
  inputLimit: 131_072,
  outputLimit: 65_536,
});

const film = (id: string): Model => ({
  id,
  generation: '3',
  kind: 'film',
  doors: ['gemini-api'],
  inputLimit: 480,
  outputLimit: 8192,
});

const gemma = (id: string): Model => ({
  id,
  generation: 'gemma',
  kind: 'gemma',
  doors: ['gemini-api'],
  inputLimit: 256_000,
  outputLimit: 32_768,
});

const embedding = (id: string): Model => ({
  id,
  generation: 'embedding',
  kind: 'embedding',
  doors: KEYED,
  inputLimit: 2048,
  outputLimit: 1,
});

export const MODELS: readonly Model[] = [
  { id: 'gemini-2.5-pro', generation: '2.5', kind: 'pro', thinking: budget(128, 32_768, false), doors: ALL, ...TEXT },
  { id: 'gemini-2.5-flash', generation: '2.5', kind: 'flash', thinking: budget(1, 24_576, true), doors: ALL, ...TEXT },
  {
    id: 'gemini-2.5-flash-lite',
    generation: '2.5',
    kind: 'flash-lite',
    thinking: budget(512, 24_576, true, false),
    doors: ALL,
    ...TEXT,
  },
  pro3('gemini-3-pro-preview', ['LOW', 'HIGH']),
  pro3('gemini-3.1-pro-preview', THREE),
  pro3('gemini-3.1-pro-preview-customtools', THREE, KEYED),
  flash3('gemini-3-flash-preview', levels(FOUR, 'HIGH'), { globalOnly: true }),
  // Code Assist's own name for gemini-3.5-flash.
  flash3('gemini-3-flash', levels(FOUR, 'MEDIUM'), { doors: ['code-assist'], refusesPrefill: true }),
  flash3('gemini-3.5-flash', levels(FOUR, 'MEDIUM'), { refusesPrefill: true }),
  flash3('gemini-3.6-flash', { ...levels(FOUR, 'MEDIUM'), zero: 'off' }, NEWEST),
  flash3('gemini-3.7-flash', levels(THREE, 'MEDIUM'), NEWEST),
  flash3('gemini-3.8-flash', levels(THREE, 'MEDIUM'), NEWEST),
  flash3('gemini-3.1-flash-lite', levels(FOUR, 'MINIMAL'), { kind: 'flash-lite' }),
  flash3('gemini-3.1-flash-lite-preview', levels(FOUR, 'MINIMAL'), { kind: 'flash-lite' }),
  flash3('gemini-3.5-flash-lite', { ...levels(FOUR, 'MINIMAL'), zero: 'refused' }, { kind: 'flash-lite', ...NEWEST }),
  image('gemini-2.5-flash-image', '2.5'),
  image('gemini-3-pro-image-preview', '3'),
  speech('gemini-3.8-flash-tts', '3'),
  speech('gemini-3.8-flash-lite-tts', '3'),
  speech('gemini-2.5-flash-preview-tts', '2.5'),
  speech('gemini-2.5-pro-preview-tts', '2.5'),
  live('gemini-3.8-live', '3', KEYED),
  live('gemini-3.1-flash-live-preview', '3'),
  live('gemini-2.5-flash-native-audio-preview-12-2025', '2.5'),
  film('veo-3.1-generate-preview'),
  film('veo-3.1-fast-generate-preview'),
  { ...gemma('gemma-3-27b-it'), refusesInstruction: true },
  gemma('gemma-4-31b-it'),
  gemma('gemma-4-26b-a4b-it'),
  embedding('gemini-embedding-001'),
  embedding('gemini-embedding-2-preview'),
];

/** What Code Assist calls one way and answers for another. */
export const versionOf = (model: Model): string => (model.id === 'gemini-3-flash' ? 'gemini-3.5-flash' : model.id);

/** The model of this exact id behind this door. */
export const findModel = (door: Door, id: string, account: Account): Model | undefined => {
  const known = MODELS.find((model) => model.id === id);
  if (known && (known.doors.includes(door) || account.extraModels.includes(id))) return known;
  if (!account.extraModels.includes(id)) return undefined;
  return { ...flash3(id, levels(FOUR, 'MEDIUM')), ...(id.startsWith('gemini-2') && MODELS[1]), id };
};
