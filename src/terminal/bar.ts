/** A bar of so many letters' length: whole blocks, and eighths of one. */
export const bar = (length: number): string => {
  const eighths = Math.ceil(length * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
};

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
