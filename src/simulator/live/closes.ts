/** How Google ends a session that it does not take: by one of three codes, and words that are cut. */
import type { GoogleError } from '../google-error.ts';

const LONGEST = 123;

export const closeFor = ({ settings }: GoogleError): { readonly code: number; readonly reason: string } => ({
  code: codeOf(settings.code),
  reason: Buffer.from(settings.message.replaceAll('\n', ' ')).toString('utf8', 0, LONGEST),
});

const codeOf = (status: number): number => {
  if (status === 400) return 1007;
  return status === 429 || status >= 500 ? 1011 : 1008;
};
