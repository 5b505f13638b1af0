/** Who speaks: Gemini's voices by their own names, and OpenAI's by those that come near them. */
import { refusal } from '../../../errors/refusal.ts';

const GEMINI = [
  'Achernar',
  'Achird',
  'Algenib',
  'Algieba',
  'Alnilam',
  'Aoede',
  'Autonoe',
  'Callirrhoe',
  'Charon',
  'Despina',
  'Enceladus',
  'Erinome',
  'Fenrir',
  'Gacrux',
  'Iapetus',
  'Kore',
  'Laomedeia',
  'Leda',
  'Orus',
  'Puck',
  'Pulcherrima',
  'Rasalgethi',
  'Sadachbia',
  'Sadaltager',
  'Schedar',
  'Sulafat',
  'Umbriel',
  'Vindemiatrix',
  'Zephyr',
  'Zubenelgenubi',
];

/** By character: even, warm, bright, deep … */
const OPENAI = {
  alloy: 'Kore',
  ash: 'Orus',
  ballad: 'Enceladus',
  cedar: 'Charon',
  coral: 'Aoede',
  echo: 'Iapetus',
  fable: 'Puck',
  marin: 'Sulafat',
  nova: 'Leda',
  onyx: 'Algenib',
  sage: 'Vindemiatrix',
  shimmer: 'Zephyr',
  verse: 'Fenrir',
} as const;

const VOICES: ReadonlyMap<string, string> = new Map([
  ...GEMINI.map((name) => [name.toLowerCase(), name] as const),
  ...Object.entries(OPENAI),
]);

export const voiceOf = (asked: string): string => {
  const found = VOICES.get(asked.trim().toLowerCase());
  if (found !== undefined) return found;
  throw refusal(
    'invalid_value',
    'voice',
    `There is no voice '${asked.slice(0, 60)}'. OpenAI's names: ${Object.keys(OPENAI).join(', ')}. Gemini's: ${GEMINI.join(', ')}.`,
  );
};
