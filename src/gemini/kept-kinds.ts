/** Where names stand in what Google says of the things that it keeps, and how long it keeps them. */
import { fileNameIn, shortName } from './resources.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What an answer makes known. */
export interface Made {
  /** Path in the answer → what the value there names; undefined where it names nothing. */
  readonly names: Readonly<Record<string, (value: string) => string | undefined>>;
  /** Where it stands when Google forgets what is named. */
  readonly ends: readonly string[];
  /** How long Google keeps it where it does not say. */
  readonly lastsMs: number;
  /** Its tokens are counted in the answer. */
  readonly isCounted?: boolean;
}

const named =
  (form: RegExp) =>
  (value: string): string | undefined =>
    form.test(shortName(value)) ? shortName(value) : undefined;

const aFile = named(/^files\/[\w-]{1,100}$/);

/** A file that Google made, to be downloaded. */
const aDownload = (value: string): string | undefined => fileNameIn(value.replace(/:download(?:\?[^#]*)?$/, ''));

const interaction = (value: string): string | undefined =>
  /^[\w=~.-]{1,512}$/.test(value) ? `interactions/${value}` : undefined;

export const FILE: Made = {
  names: { 'file.name': aFile, name: aFile },
  ends: ['file.expirationTime', 'expirationTime'],
  lastsMs: 2 * DAY_MS,
};

export const CACHE: Made = {
  names: { name: named(/^cachedContents\/[\w-]{1,256}$/) },
  ends: ['expireTime'],
  lastsMs: 60 * DAY_MS,
};

/** The files that a finished one has made. */
const OUTPUTS = {
  'response.responsesFile': aFile,
  'metadata.output.responsesFile': aFile,
  'output.responsesFile': aFile,
  'dest.fileName': aFile,
  'response.generateVideoResponse.generatedSamples.video.uri': aDownload,
  'response.generatedVideos.video.uri': aDownload,
} as const;

/** Batches, and all else that takes its time. */
export const OPERATION: Made = {
  names: { name: named(/^(?:batches|operations|models\/[\w.-]{1,128}\/operations)\/[\w.-]{1,256}$/), ...OUTPUTS },
  ends: [],
  lastsMs: 60 * DAY_MS,
};

/** A later answer makes known what came of it. */
export const OUTPUT: Made = { names: OUTPUTS, ends: [], lastsMs: 3 * DAY_MS };

export const INTERACTION: Made = {
  names: { id: interaction, 'interaction.id': interaction },
  ends: [],
  lastsMs: 60 * DAY_MS,
  isCounted: true,
};
