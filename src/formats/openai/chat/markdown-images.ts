import type { Part } from '../../../gemini/types.ts';
import { readDataUrl } from '../data-url.ts';

/**
 * Images that the relay wrote into an answer as markdown come back in the history as text: megabytes of base64 that a
 * model would read letter by letter. They become images again.
 */
export const imagesInMarkdown = (text: string): readonly Part[] => {
  if (!text.includes('](data:image/')) return text === '' ? [] : [{ text }];
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(/!\[[^\]]*\]\((data:image\/[^)\s]+)\)/g)) {
    const image = readDataUrl(match[1] ?? '');
    if (!image?.mimeType) continue;
    const before = text.slice(end, match.index);
    if (before.trim() !== '') parts.push({ text: before });
    parts.push({ inlineData: { mimeType: image.mimeType, data: image.data } });
    end = match.index + match[0].length;
  }
  const rest = text.slice(end);
  if (rest.trim() !== '' || parts.length === 0) parts.push({ text: rest });
  return parts;
};
