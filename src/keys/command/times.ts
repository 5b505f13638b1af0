/** Times as a person tells them: in the largest unit of which there are two. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

export const spellUntil = (ms: number): string => {
  for (const [unit, length] of UNITS) if (ms >= 2 * length) return `${Math.round(ms / length)} ${unit}`;
  return '1 s';
};

export const spellAgo = (ms: number): string => (ms < 2000 ? 'now' : `${spellUntil(ms)} ago`);
