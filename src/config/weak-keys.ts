/** Keys that everybody knows, because programs of this kind or their guides print them. */
const PUBLISHED = new Set([
  '123456',
  '12345678',
  '123456789',
  '1234567890',
  'abc123',
  'admin',
  'admin123',
  'api-key',
  'apikey',
  'changeit',
  'changeme',
  'change-me',
  'default',
  'demo',
  'dummy',
  'example',
  'gemini',
  'key',
  'letmein',
  'none',
  'null',
  'password',
  'password123',
  'placeholder',
  'pwd',
  'qwerty',
  'secret',
  'sk-123456',
  'sk-1234567890',
  'sk-admin',
  'sk-demo',
  'sk-test',
  'sk-xxx',
  'test',
  'test123',
  'todo',
  'token',
  'undefined',
  'xxx',
]);

/** `your-key-here`, `<API_KEY>`, `changeme-please`, `sk-xxxxxxxx`, `aaaaaaaaaa`. */
const PATTERNS = [
  /^<.*>$/,
  /^(?:my|your|the|sk-your)[-_ ]/,
  /(?:^|[-_ ])(?:here|changeme|replace)(?:$|[-_ ])/,
  /change[-_ ]?me/,
  /^(?:sk-)?(.)\1+$/,
];

export const MIN_KEY_LENGTH = 8;
/** Shorter ones work, with a warning. */
export const MIN_GOOD_KEY_LENGTH = 16;
export const KEY_COMMAND = `node -e "console.log(require('crypto').randomBytes(32).toString('base64url'))"`;

export const isPlaceholderKey = (value: string): boolean => {
  const word = value.trim().toLowerCase();
  return PUBLISHED.has(word) || PATTERNS.some((pattern) => pattern.test(word));
};
