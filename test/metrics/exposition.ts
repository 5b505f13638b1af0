/** Prometheus' text format 0.0.4, read strictly: whatever a scraper would stumble over throws. */
export interface ReadSample {
  /** With `_bucket`, `_sum`, `_count`. */
  readonly name: string;
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly families: ReadonlyMap<string, string>;
  readonly samples: readonly ReadSample[];
  /** Of all samples of this name that have these labels. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

export const readExposition = (text: string): Exposition => {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, string>();
  const samples: ReadSample[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line);
    if (type?.[1] !== undefined && type[2] !== undefined) {
      if (families.has(type[1])) throw new Error(`twice: ${line}`);
      families.set(type[1], type[2]);
      continue;
    }
    const [, name = '', written = '', number = ''] = SAMPLE.exec(line) ?? [];
    const family = families.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
    if (!families.has(family)) throw new Error(`of no family: ${line}`);
    const value = number === '+Inf' ? Infinity : Number(number);
    if (Number.isNaN(value) && number !== 'Nan') throw new Error(`no number: ${line}`);
    const labels = readLabels(written, line);
    const key = name + JSON.stringify(Object.entries(labels).sort());
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    samples.push({ name, family, labels, value });
  }
  return {
    families,
    samples,
    sum: (name, labels = {}) =>
      samples
        .filter(
          (one) => one.name === name && Object.entries(labels).every(([label, word]) => one.labels[label] === word),
        )
        .reduce((sum, { value }) => sum + value, 0),
  };
};

const readLabels = (written: string, line: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < written.length) {
    const [, name, value] = LABEL.exec(written) ?? [];
    if (name === undefined || value === undefined) throw new Error(`labels that cannot be read: ${line}`);
    labels[name] = value;
  }
  return labels;
};
