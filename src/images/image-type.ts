const HEIC_BRANDS: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const HEIF_BRANDS: ReadonlySet<string> = new Set(['mif1', 'msf1']);

/**
 * The media type by the file's first bytes; what a server says about it may be wrong or a trick. Only formats of
 * pixels: an SVG is a document that can name further addresses.
 */
export const imageType = (bytes: Buffer): string | undefined => {
  const start = bytes.toString('latin1', 0, 12);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'image/gif';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp';
  if (start.slice(4, 8) !== 'ftyp') return undefined;
  const brand = start.slice(8, 12);
  if (HEIC_BRANDS.has(brand)) return 'image/heic';
  return HEIF_BRANDS.has(brand) ? 'image/heif' : undefined;
};

/** The same of a document: only PDFs are read as they are; a text can be sent as one. */
export const documentType = (bytes: Buffer): string | undefined =>
  bytes.toString('latin1', 0, 5) === '%PDF-' ? 'application/pdf' : undefined;
