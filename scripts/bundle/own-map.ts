/** A source map of our own files alone: those of packages are three quarters of it, and no bug report needs them. */
import { decode, encode } from '@jridgewell/sourcemap-codec';
import type { SourceMapSegment } from '@jridgewell/sourcemap-codec';

interface SourceMap {
  readonly version: number;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

const OF_A_PACKAGE = /(?:^|[\\/:])node_modules[\\/]/;

export const ownMap = (text: string): string => {
  const map = JSON.parse(text) as SourceMap;
  /** By the place of each source in the whole map, its place in ours. */
  const places = new Map<number, number>();
  const sources: string[] = [];
  for (const [at, source] of map.sources.entries()) {
    if (OF_A_PACKAGE.test(source)) continue;
    places.set(at, sources.length);
    sources.push(source);
  }
  const names: string[] = [];
  const nameAt = new Map<number, number>();
  const placeOfName = (at: number): number => {
    const known = nameAt.get(at) ?? names.push(map.names[at] ?? '') - 1;
    nameAt.set(at, known);
    return known;
  };
  const ownSegment = (segment: SourceMapSegment): SourceMapSegment => {
    const [column, source, line, original, name] = segment;
    const place = source === undefined ? undefined : places.get(source);
    if (place === undefined || line === undefined || original === undefined) return [column];
    return name === undefined ? [column, place, line, original] : [column, place, line, original, placeOfName(name)];
  };
  const mappings = decode(map.mappings).map((line) =>
    // Of a run of foreign places one is enough: it says that what was before has ended.
    line.map(ownSegment).filter((segment, at, all) => segment.length > 1 || (at > 0 && (all[at - 1]?.length ?? 1) > 1)),
  );
  return JSON.stringify({ version: map.version, sources, names, mappings: encode(mappings) });
};
