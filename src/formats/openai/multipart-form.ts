/** Forms with files, as the routes for sound and pictures read them: files whole, and fields as an object. */
import type { Context } from 'koa';
import { readMultipart, wholeFile } from '../../http/multipart.ts';
import { refusal } from '../../errors/refusal.ts';
import type { JsonObject } from '../../gemini/types.ts';

export interface SentFile {
  readonly name: string;
  readonly filename: string | undefined;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface Form {
  readonly files: readonly SentFile[];
  /** By name; those whose name ends in `[]` as lists, under the name without it. */
  readonly fields: JsonObject;
}

export interface FormShape {
  /** Names of files; others are refused. */
  readonly files: readonly string[];
  readonly mostFiles: number;
  /** Names that may be given several times. */
  readonly lists: readonly string[];
  /** Why a file of another name is refused. */
  readonly refused?: ReadonlyMap<string, string>;
}

export const readForm = async (ctx: Context, shape: FormShape): Promise<Form> => {
  /** In their order: one may be whole before another that began sooner. */
  const files: Promise<SentFile>[] = [];
  const sent = await readMultipart(ctx, { files: shape.mostFiles, isWhole: true }, async (file) => {
    const { name, filename, mediaType } = file;
    if (!shape.files.includes(name)) {
      const why = shape.refused?.get(name);
      if (why !== undefined) throw refusal('unsupported_parameter', name, why);
      const taken = shape.files.join(', ');
      throw refusal('unknown_parameter', name, `'${name}' is no file that this address takes: send ${taken}.`);
    }
    const sending = wholeFile(ctx, file).then((bytes) => ({ name, filename, mediaType, bytes }));
    files.push(sending);
    await sending;
  });
  const fields = new Map<string, unknown>();
  for (const { name: given, value } of sent) {
    const name = given.replace(/\[\d*\]$/, '');
    const why = shape.refused?.get(name);
    if (shape.files.includes(given) || why !== undefined) {
      throw refusal('invalid_type', given, why ?? `'${given}' must be a file.`);
    }
    const before = fields.get(name);
    if (shape.lists.includes(name)) fields.set(name, [...(Array.isArray(before) ? (before as unknown[]) : []), value]);
    else if (before === undefined) fields.set(name, value);
    else throw refusal('invalid_value', name, `'${name}' is given twice.`);
  }
  return { files: await Promise.all(files), fields: Object.fromEntries(fields) };
};
