/** What is no text, as blocks of markdown: for clients that would show nothing otherwise. */
import type { BlobEvent } from '../gemini/events.ts';

export const isImage = (blob: BlobEvent): boolean => blob.mimeType.startsWith('image/');

export const toMarkdown = (blob: BlobEvent): string =>
  isImage(blob) ? `![image](${dataUrl(blob)})` : `[${blob.mimeType}](${dataUrl(blob)})`;

export const codeBlock = (language: string, code: string): string => {
  // Code may hold a fence of its own: the one around it is longer.
  let longest = 2;
  for (const [ticks] of code.matchAll(/`{3,}/g)) longest = Math.max(longest, ticks.length);
  const fence = '`'.repeat(longest + 1);
  const known = language === 'LANGUAGE_UNSPECIFIED' ? '' : language.toLowerCase();
  return `${fence}${known}\n${code}${code.endsWith('\n') ? '' : '\n'}${fence}`;
};

export const resultBlock = (outcome: string, output: string): string =>
  codeBlock('output', output) + (outcome === 'OUTCOME_OK' ? '' : '\n(failed)');

export const dataUrl = ({ mimeType, data }: BlobEvent): string => `data:${mimeType};base64,${data}`;
