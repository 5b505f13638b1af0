/** OpenAI's clients name pixels; Gemini takes a ratio, and of some models a size. */
import type { Model } from '../../gemini/catalogue.ts';
import { refusal } from '../../errors/refusal.ts';

export interface ImageConfig {
  readonly aspect_ratio?: string;
  readonly image_size?: string;
}

export interface ImageSize {
  readonly config: ImageConfig | undefined;
  /** The model has not the size that was asked for. */
  readonly isIgnored: boolean;
}

/** What Gemini can paint. */
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];

/** Up to how many pixels each size is meant; 1K is what all models paint. */
const SIZES = [
  ['1K', 1_900_000],
  ['2K', 7_500_000],
  ['4K', Infinity],
] as const;

export const readImageSize = (size: string | undefined, { imageSizes }: Model): ImageSize => {
  if (size === undefined || size === 'auto') return { config: undefined, isIgnored: false };
  const named = SIZES.find(([name]) => name === size.toUpperCase())?.[0];
  const [width, height] = named === undefined ? pixelsIn(size) : [1, 1];
  const wanted = named ?? SIZES.find(([, most]) => width * height <= most)?.[0] ?? '4K';
  const config = {
    ...(named === undefined && { aspect_ratio: nearestRatio(width / height) }),
    ...(imageSizes.includes(wanted) && { image_size: wanted }),
  };
  const isIgnored = wanted !== '1K' && !imageSizes.includes(wanted);
  return { config: Object.keys(config).length > 0 ? config : undefined, isIgnored };
};

const pixelsIn = (size: string): readonly [width: number, height: number] => {
  const [, width = '', height = ''] = /^([1-9]\d{1,4})x([1-9]\d{1,4})$/.exec(size) ?? [];
  if (width !== '') return [Number(width), Number(height)];
  throw refusal('invalid_value', 'size', "'size' must be like '1024x1024', '1K', '2K', '4K', or 'auto'.");
};

const nearestRatio = (wanted: number): string => {
  const distance = (ratio: string): number => {
    const [across = 1, down = 1] = ratio.split(':').map(Number);
    return Math.abs(Math.log(across / down) - Math.log(wanted));
  };
  return RATIOS.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
};
