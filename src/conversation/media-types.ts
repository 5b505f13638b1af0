/** What kind of file something is: by its first bytes, its name's ending, or the short names of audio formats. */

/** The type that a file's first bytes tell; of base64 text only the beginning is decoded. */
export const sniffMediaType = (base64: string): string | undefined => {
  const bytes = Buffer.from(base64.slice(0, 64), 'base64').toString('latin1');
  if (bytes.startsWith(MATROSKA)) return 'video/webm';
  return SIGNS.find(([sign]) => sign.test(bytes))?.[1];
};

export const mediaTypeOfName = (name: string): string | undefined => {
  const ending = /\.([a-z\d]+)$/i.exec(name.split(/[?#]/)[0] ?? '')?.[1];
  return ending === undefined ? undefined : BY_ENDING.get(ending.toLowerCase());
};

export const mediaTypeOfAudio = (format: string): string | undefined => {
  const name = format.trim().toLowerCase();
  return name.startsWith('audio/') && !isOpenMediaType(name) ? name : AUDIO.get(name);
};

/** Types whose content can stand in a text part. */
export const isTextual = (mimeType: string): boolean =>
  (mimeType.startsWith('text/') && mimeType !== 'text/rtf') || TEXTUAL.test(mimeType);

/** `IMAGE/JPG` → `image/jpeg`. */
export const canonicalMediaType = (mimeType: string): string => {
  const name = mimeType.trim().toLowerCase();
  return SPELLINGS.get(name) ?? name;
};

/** `image/*`, `application/octet-stream`: says nothing. The bytes tell, or the file's name. */
export const isOpenMediaType = (mimeType: string): boolean =>
  mimeType.includes('*') || mimeType.trim().toLowerCase() === 'application/octet-stream';

const TEXTUAL =
  /^application\/(?:json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh|x-python|x-ndjson|[\w.-]+\+(?:json|xml))$/;

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
]);

const MATROSKA = '\x1aE\xdf\xa3';

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[^]{4}WEBP/, 'image/webp'],
  [/^RIFF[^]{4}WAVE/, 'audio/wav'],
  [/^RIFF[^]{4}AVI /, 'video/x-msvideo'],
  [/^[^]{4}ftyp(?:heic|heix|hevc|mif1|msf1)/, 'image/heic'],
  [/^[^]{4}ftypavif/, 'image/avif'],
  [/^[^]{4}ftypM4A/, 'audio/m4a'],
  [/^[^]{4}ftypqt/, 'video/quicktime'],
  [/^[^]{4}ftyp/, 'video/mp4'],
  [/^BM[^]{4}\0{4}/, 'image/bmp'],
  [/^%PDF-/, 'application/pdf'],
  [/^OggS/, 'audio/ogg'],
  [/^fLaC/, 'audio/flac'],
  [/^ID3|^\xff[\xfb\xf3\xf2]/, 'audio/mpeg'],
  [/^\xff[\xf1\xf9]/, 'audio/aac'],
];

const AUDIO: ReadonlyMap<string, string> = new Map([
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['mpeg', 'audio/mpeg'],
  ['mpga', 'audio/mpeg'],
  ['ogg', 'audio/ogg'],
  ['oga', 'audio/ogg'],
  ['opus', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['aac', 'audio/aac'],
  ['aiff', 'audio/aiff'],
  ['webm', 'audio/webm'],
  ['m4a', 'audio/m4a'],
  ['mp4', 'audio/mp4'],
]);

const BY_ENDING: ReadonlyMap<string, string> = new Map([
  ...['wav', 'mp3', 'ogg', 'flac', 'aac', 'aiff', 'm4a'].map((ending) => [ending, AUDIO.get(ending) ?? ''] as const),
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
  ['avif', 'image/avif'],
  ['bmp', 'image/bmp'],
  ['svg', 'image/svg+xml'],
  ['mp4', 'video/mp4'],
  ['m4v', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['mpg', 'video/mpeg'],
  ['mpeg', 'video/mpeg'],
  ['avi', 'video/x-msvideo'],
  ['webm', 'video/webm'],
  ['mkv', 'video/x-matroska'],
  ['3gp', 'video/3gpp'],
  ['pdf', 'application/pdf'],
  ['json', 'application/json'],
  ['xml', 'application/xml'],
  ['yaml', 'application/yaml'],
  ['yml', 'application/yaml'],
  ['html', 'text/html'],
  ['htm', 'text/html'],
  ['css', 'text/css'],
  ['csv', 'text/csv'],
  ['tsv', 'text/tab-separated-values'],
  ['md', 'text/markdown'],
  ...['txt', 'log', 'ini', 'toml', 'env', 'sql', 'sh', 'bat', 'diff', 'patch', 'tex', 'srt', 'vtt'].map(
    (ending) => [ending, 'text/plain'] as const,
  ),
  ...['js', 'jsx', 'mjs', 'ts', 'tsx', 'py', 'rb', 'php', 'java', 'kt', 'c', 'h', 'cc', 'cpp', 'hpp', 'cs', 'go'].map(
    (ending) => [ending, 'text/plain'] as const,
  ),
  ...['rs', 'swift', 'lua', 'pl', 'r', 'scala', 'dart', 'vue', 'svelte'].map(
    (ending) => [ending, 'text/plain'] as const,
  ),
]);
