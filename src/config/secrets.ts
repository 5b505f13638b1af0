import { apiKeysIn } from './api-keys.ts';
import type { Variable } from './variables.ts';

/** What of a variable, as it is written, no output may show. Also of one that cannot be used. */
export const secretsIn = ({ secret }: Variable, written: string): string[] => {
  if (secret === undefined || written === '') return [];
  switch (secret) {
    case 'whole':
      return [written];
    case 'password':
      return passwordsIn(written);
    case 'keys':
      return apiKeysIn(written);
  }
};

/** Of an address only the password is secret; its host is what a message should name. */
const passwordsIn = (address: string): string[] => {
  const scheme = address.indexOf('://');
  // A password that should have been escaped may hold an "@" itself: the last one counts.
  const end = address.lastIndexOf('@');
  const colon = address.indexOf(':', scheme === -1 ? 0 : scheme + 3);
  const inside = colon !== -1 && colon < end ? address.slice(colon + 1, end) : '';
  const asParameter = /[?&]password=([^&#]*)/i.exec(address)?.[1] ?? '';
  return [inside, asParameter]
    .filter((password) => password !== '')
    .flatMap((password) => [password, decoded(password)]);
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
