/** The models we know, as data. What a rule elsewhere asks of a model stands here, in its row. */

export type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH' | 'XHIGH';

/** How a model's thinking is set: by a budget of tokens (2.5) or by a level (3 and later). */
export type ThinkingSpec =
  | {
      readonly kind: 'budget';
      /** The least budget that is still thinking. */
      readonly min: number;
      readonly max: number;
      /** Whether 0, no thinking at all, is accepted. */
      readonly off: boolean;
      /** Whether it thinks when nothing is said. */
      readonly byDefault: boolean;
    }
  | {
      readonly kind: 'level';
      /** Weakest first. */
      readonly levels: readonly ThinkingLevel[];
      /** Whether a budget of 0 is obeyed, so that it does not think at all. */
      readonly off: boolean;
    };

/** What Gemini does where nothing is said, as Google's own list of models has it. */
export const USUAL_SAMPLING = { temperature: 1, topP: 0.95, topK: 64 } as const;

/** Which of its generation a model is, where there is one such. */
export type Tier = 'pro' | 'flash' | 'flash-lite';

/** What it is asked for: answers, vectors, conversations by voice (over a socket), films (that take their time). */
export type ModelKind = 'generate' | 'embed' | 'live' | 'film';

export interface Model {
  readonly id: string;
  readonly kind: ModelKind;
  readonly displayName: string;
  readonly description: string;
  /** Seconds since 1970. Clients sort by it; nothing else depends on it. */
  readonly created: number;
  readonly inputTokenLimit: number;
  readonly outputTokenLimit: number;
  /** `2.5`, `3`, `claude` …: a thought signature is replayed within its family only. */
  readonly family: string;
  /** 2.5, 3, 3.1 …, for rules that compare; 0 for what is not Gemini. */
  readonly generation: number;
  /** Undefined for models of one purpose (pictures, speech), and for what is not Gemini. */
  readonly tier: Tier | undefined;
  /** Undefined: no thinkingConfig may be sent. */
  readonly thinking: ThinkingSpec | undefined;
  readonly outputsImages: boolean;
  /** How large it can paint, smallest first; none where there is no choice. */
  readonly imageSizes: readonly string[];
  /** Whether it says a text aloud, and nothing else. */
  readonly speaks: boolean;
  /** Whether it takes pictures. */
  readonly sees: boolean;
  /** Whether it takes recordings. */
  readonly hears: boolean;
  /** Whether temperature, topP and topK have an effect; where not, Google announces a 400 for them. */
  readonly sampling: boolean;
  /** Whether several answers may be asked for at once (`candidateCount`). */
  readonly candidates: boolean;
  /** Whether presence and frequency penalties may be sent; false where Google is known to refuse them. */
  readonly penalties: boolean;
  /** Whether a conversation may end with the model's own turn. */
  readonly prefill: boolean;
  /** Whether the built-in Google search works. */
  readonly search: boolean;
  /** Whether it takes a system instruction; else a user says it. */
  readonly instruction: boolean;
  /** Whether functions may be declared. */
  readonly tools: boolean;
  /** False: only the Gemini API and Vertex serve it, Code Assist does not. */
  readonly codeAssist: boolean;
  /** False: Vertex has it in another place than Google's own models, which this relay does not know. */
  readonly vertex: boolean;
}

type Row = Partial<Model> & Pick<Model, 'id' | 'displayName' | 'description'> & { readonly released: string };

const ALL_LEVELS: ThinkingSpec = { kind: 'level', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'], off: false };
const ALL_LEVELS_OR_OFF: ThinkingSpec = { ...ALL_LEVELS, off: true };
const FROM_LOW: ThinkingSpec = { kind: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'], off: false };
const LOW_OR_HIGH: ThinkingSpec = { kind: 'level', levels: ['LOW', 'HIGH'], off: false };
const BUDGET_PRO: ThinkingSpec = { kind: 'budget', min: 128, max: 32_768, off: false, byDefault: true };
const BUDGET_FLASH: ThinkingSpec = { kind: 'budget', min: 1, max: 24_576, off: true, byDefault: true };
const BUDGET_LITE: ThinkingSpec = { kind: 'budget', min: 512, max: 24_576, off: true, byDefault: false };

/** In the order of the model lists: what every account has comes first. */
const GENERATE: readonly Row[] = [
  {
    id: 'gemini-2.5-pro',
    displayName: 'Gemini 2.5 Pro',
    description: 'Thinks long about code, mathematics and large documents.',
    released: '2025-06-17',
  },
  {
    id: 'gemini-2.5-flash',
    displayName: 'Gemini 2.5 Flash',
    description: 'Fast, for everyday work; thinking can be switched off.',
    released: '2025-06-17',
  },
  {
    id: 'gemini-2.5-flash-lite',
    displayName: 'Gemini 2.5 Flash-Lite',
    description: 'The fastest and smallest of the 2.5 models.',
    released: '2025-07-22',
  },
  {
    id: 'gemini-3.1-pro-preview',
    displayName: 'Gemini 3.1 Pro (preview)',
    description: 'The strongest reasoning, for agents and hard problems.',
    released: '2026-02-19',
  },
  {
    id: 'gemini-3.1-pro-preview-customtools',
    displayName: 'Gemini 3.1 Pro with custom tools (preview)',
    description: 'Gemini 3.1 Pro, tuned to prefer the tools that the client declares.',
    released: '2026-02-19',
    codeAssist: false,
  },
  {
    id: 'gemini-3-pro-preview',
    displayName: 'Gemini 3 Pro (preview)',
    description: 'The first Gemini 3 model; Gemini 3.1 Pro follows it.',
    released: '2025-11-18',
  },
  {
    id: 'gemini-3.8-flash',
    displayName: 'Gemini 3.8 Flash',
    description: 'The newest fast model.',
    released: '2026-09-01',
  },
  {
    id: 'gemini-3.7-flash',
    displayName: 'Gemini 3.7 Flash',
    description: 'Fast, for agents; always thinks.',
    released: '2026-08-01',
  },
  {
    id: 'gemini-3.6-flash',
    displayName: 'Gemini 3.6 Flash',
    description: 'Fast, for agents; thinking can be switched off.',
    released: '2026-07-15',
  },
  {
    id: 'gemini-3.5-flash',
    displayName: 'Gemini 3.5 Flash',
    description: 'Fast, with strong reasoning and tool use.',
    released: '2026-05-01',
  },
  {
    id: 'gemini-3-flash-preview',
    displayName: 'Gemini 3 Flash (preview)',
    description: 'The first fast Gemini 3 model.',
    released: '2025-12-17',
  },
  {
    id: 'gemini-3.5-flash-lite',
    displayName: 'Gemini 3.5 Flash-Lite',
    description: 'Small and quick, for many simple requests.',
    released: '2026-07-01',
  },
  {
    id: 'gemini-3.1-flash-lite',
    displayName: 'Gemini 3.1 Flash-Lite',
    description: 'Small and quick, for titles, summaries and sorting.',
    released: '2026-03-03',
  },
  {
    id: 'gemini-3-pro-image-preview',
    displayName: 'Gemini 3 Pro Image (preview)',
    description: 'Makes and edits images, with text in them.',
    released: '2025-11-20',
    inputTokenLimit: 65_536,
    outputTokenLimit: 32_768,
  },
  {
    id: 'gemini-2.5-flash-image',
    displayName: 'Gemini 2.5 Flash Image',
    description: 'Makes and edits images quickly.',
    released: '2025-10-02',
    inputTokenLimit: 32_768,
    outputTokenLimit: 32_768,
  },
  {
    id: 'gemini-3.8-flash-tts',
    displayName: 'Gemini 3.8 Flash TTS',
    description: 'Says a text aloud, with the finest control of style.',
    released: '2026-10-01',
    inputTokenLimit: 8_192,
    outputTokenLimit: 16_384,
  },
  {
    id: 'gemini-3.8-flash-lite-tts',
    displayName: 'Gemini 3.8 Flash-Lite TTS',
    description: 'Says a text aloud, quickly and at a low price.',
    released: '2026-10-01',
    inputTokenLimit: 8_192,
    outputTokenLimit: 16_384,
  },
  {
    id: 'gemini-2.5-flash-preview-tts',
    displayName: 'Gemini 2.5 Flash TTS (preview)',
    description: 'Says a text aloud.',
    released: '2025-05-20',
    inputTokenLimit: 8_192,
    outputTokenLimit: 16_384,
  },
  {
    id: 'gemini-2.5-pro-preview-tts',
    displayName: 'Gemini 2.5 Pro TTS (preview)',
    description: 'Says a text aloud, with much control of style.',
    released: '2025-05-20',
    inputTokenLimit: 8_192,
    outputTokenLimit: 16_384,
  },
  {
    id: 'gemma-4-31b-it',
    displayName: 'Gemma 4 31B',
    description: "Google's open model, 31 billion parameters.",
    released: '2026-04-02',
  },
  {
    id: 'gemma-4-26b-a4b-it',
    displayName: 'Gemma 4 26B A4B',
    description: "Google's open mixture of experts, 26 billion parameters.",
    released: '2026-04-02',
  },
];

const EMBED: readonly Row[] = [
  {
    id: 'gemini-embedding-001',
    displayName: 'Gemini Embedding 001',
    description: 'Texts to vectors of up to 3072 dimensions.',
    released: '2025-07-14',
  },
  {
    id: 'gemini-embedding-2-preview',
    displayName: 'Gemini Embedding 2 (preview)',
    description: 'Texts and images to vectors.',
    sees: true,
    released: '2026-03-10',
    inputTokenLimit: 8_192,
  },
];

const LIVE: readonly Row[] = [
  {
    id: 'gemini-3.8-live',
    displayName: 'Gemini 3.8 Live',
    description: 'The newest for live conversations: hears, sees and speaks; calls functions.',
    released: '2026-10-04',
    inputTokenLimit: 131_072,
  },
  {
    id: 'gemini-3.1-flash-live-preview',
    displayName: 'Gemini 3.1 Flash Live (preview)',
    description: 'Hears, sees and speaks in a live conversation; calls functions.',
    released: '2026-03-26',
    inputTokenLimit: 131_072,
  },
  {
    id: 'gemini-2.5-flash-native-audio-preview-12-2025',
    displayName: 'Gemini 2.5 Flash Native Audio (preview)',
    description: 'Hears and speaks in a live conversation.',
    released: '2025-12-12',
    inputTokenLimit: 131_072,
    outputTokenLimit: 8_192,
  },
];

const FILM: readonly Row[] = [
  {
    id: 'veo-3.1-generate-preview',
    displayName: 'Veo 3.1 (preview)',
    description: 'Makes films with sound of a text or of pictures.',
    released: '2025-10-15',
  },
  {
    id: 'veo-3.1-fast-generate-preview',
    displayName: 'Veo 3.1 Fast (preview)',
    description: 'Makes films with sound, quickly and at a lower price.',
    released: '2025-10-15',
  },
];

/** The row of an id that has none: what its name says about it, and else what the newest of its kind can do. */
export const guessModel = (id: string): Model => {
  const name = id.toLowerCase();
  const gemini = /^gemini-(?:(\d{1,3}(?:\.\d{1,3})?)(?![\d.]))?/.exec(name);
  const generation = gemini ? Number(gemini[1] ?? 3) : 0;
  const kind = guessKind(name);
  const embeds = kind === 'embed';
  const generates = kind === 'generate';
  const outputsImages = gemini !== null && /-image(?:-|$)/.test(name);
  const speaks = /-tts(?:-|$)/.test(name);
  const isVoice = speaks || kind === 'live';
  const gemma = name.startsWith('gemma-');
  // Google's notes for 3.5 Flash-Lite and for 3.6 Flash on: sampling is ignored, several candidates and penalties refused.
  const steered = generation < 3.6 && !name.startsWith('gemini-3.5-flash-lite');
  return {
    id,
    kind,
    displayName: id,
    description: `The model ${id}.`,
    created: 1_750_118_400,
    inputTokenLimit: embeds ? 2_048 : gemma ? 256_000 : 1_048_576,
    outputTokenLimit: embeds ? 1 : 65_536,
    family: gemini
      ? generation >= 3
        ? String(Math.floor(generation))
        : String(generation)
      : (name.split('-')[0] ?? name),
    generation,
    tier: TIERS.find((tier) => TIER.exec(name)?.[1] === tier),
    thinking: !generates || outputsImages || isVoice ? undefined : guessThinking(name, gemini?.[1], generation),
    outputsImages,
    imageSizes: outputsImages && generation >= 3 ? ['1K', '2K', '4K'] : [],
    speaks,
    sees: kind === 'film' || (generates && !speaks) || (kind === 'live' && !name.includes('native-audio')),
    hears: gemini !== null && (generates || kind === 'live') && !outputsImages && !speaks,
    sampling: steered,
    candidates: steered,
    penalties: steered,
    // "Requests ending with a model turn are not supported": the newest models; older 3.x answer oddly.
    prefill: gemini !== null && generation < 3,
    // The 2.5 image model has no search; the 3 image model has.
    search: gemini !== null && !embeds && !isVoice && !(outputsImages && generation < 3),
    // "Developer instruction is not enabled": the models before Gemma 4.
    instruction: !/^gemma-(?:[1-3]|3n)(?:[.-]|$)/.test(name),
    tools: !embeds && !outputsImages && !speaks,
    codeAssist: generates && !outputsImages && !speaks,
    // Its previews of live models have names of their own there, and the relay has films from the Gemini API's list alone.
    vertex: !gemma && (generates || embeds || (kind === 'live' && !name.includes('preview'))),
  };
};

const guessKind = (name: string): ModelKind => {
  if (name.includes('embedding')) return 'embed';
  if (/-(?:audio|live|native)(?:-|$)/.test(name)) return 'live';
  return name.startsWith('veo-') ? 'film' : 'generate';
};

const TIERS: readonly Tier[] = ['pro', 'flash', 'flash-lite'];
const TIER = /^gemini-\d[\d.]*-(pro|flash|flash-lite)(?:-preview)?$/;

/** A name without a number (`gemini-flash-latest`) follows the newest: LOW, MEDIUM and HIGH are what they share. */
const guessThinking = (name: string, number: string | undefined, generation: number): ThinkingSpec | undefined => {
  const kind = /-(pro|flash-lite|flash)(?:-|$)/.exec(name)?.[1];
  if (kind === undefined || generation < 2.5) return undefined;
  if (generation < 3) return kind === 'pro' ? BUDGET_PRO : kind === 'flash' ? BUDGET_FLASH : BUDGET_LITE;
  if (number === undefined) return FROM_LOW;
  if (kind === 'flash-lite') return ALL_LEVELS;
  if (kind === 'pro') return generation < 3.1 ? LOW_OR_HIGH : FROM_LOW;
  if (generation >= 3.7) return FROM_LOW;
  return generation === 3.6 ? ALL_LEVELS_OR_OFF : ALL_LEVELS;
};

const toModel = ({ released, ...row }: Row): Model => ({
  ...guessModel(row.id),
  created: Date.parse(released) / 1000,
  ...row,
});

/** Those that answer come first. */
export const MODELS: readonly Model[] = [...GENERATE, ...EMBED, ...LIVE, ...FILM].map(toModel);
