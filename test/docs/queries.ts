/** PromQL, as far as it takes to hold a query to what there is: which metrics it asks, by which labels, and how. */
export interface Selector {
  readonly name: string;
  readonly labels: readonly string[];
  readonly isRange: boolean;
  /** The function right around it. */
  readonly within: string | undefined;
}

export interface Query {
  readonly selectors: readonly Selector[];
  /** Named behind `by`. */
  readonly groupedBy: readonly string[];
}

const TOKEN =
  /\s+|(?<text>"(?:[^"\\]|\\.)*")|(?<word>[a-zA-Z_:][\w:]*)|(?<number>\d+(?:\.\d+)?)|(?<range>\[(?:\d+[smhdw]|\$__rate_interval)\])|(?<sign>=~|!~|!=|==|>=|<=|[(){},]|[-+*/=<>])/y;

const WORDS: ReadonlySet<string> = new Set(['or', 'and', 'unless']);
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['sum', 'min', 'max', 'count', 'topk', 'rate', 'increase', 'histogram_quantile', 'min_over_time'],
]);

interface Token {
  readonly kind: string;
  readonly text: string;
}

const tokensOf = (expression: string): readonly Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < expression.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(expression);
    if (!found) throw new Error(`cannot be read from '${expression.slice(at, at + 20)}' on: ${expression}`);
    for (const [kind, text] of Object.entries<string | undefined>(found.groups ?? {}))
      if (text !== undefined) tokens.push({ kind, text });
  }
  return tokens;
};

/** Throws what Prometheus would refuse: brackets that do not match, functions that there are none of, ranges of nothing. */
export const readQuery = (expression: string): Query => {
  const tokens = tokensOf(expression);
  const selectors: Selector[] = [];
  const groupedBy: string[] = [];
  const refuse = (why: string): never => {
    throw new Error(`${why}: ${expression}`);
  };
  let at = 0;
  const expect = (text: string): void => {
    if (tokens[at]?.text !== text) refuse(`'${text}' is missing`);
    at += 1;
  };
  /** `{a="b",c=~"d"}`. */
  const readMatchers = (): readonly string[] => {
    const labels: string[] = [];
    while (tokens[at]?.text !== '}') {
      const [label, sign, value] = tokens.slice(at, at + 3);
      if (label?.kind !== 'word' || value?.kind !== 'text') return refuse('labels that cannot be read');
      if (!['=', '!=', '=~', '!~'].includes(sign?.text ?? '')) return refuse('labels that cannot be read');
      labels.push(label.text);
      at += 3;
      if (tokens[at]?.text === ',') at += 1;
    }
    at += 1;
    return labels;
  };
  const readGrouping = (): void => {
    expect('(');
    for (; tokens[at]?.text !== ')'; at += 1) {
      const label = tokens[at];
      if (!label) return refuse('a bracket is open');
      if (label.kind === 'word') groupedBy.push(label.text);
    }
    at += 1;
  };
  const readOperand = (within: string | undefined): void => {
    const token = tokens[at] ?? refuse('something is missing at its end');
    at += 1;
    if (token.text === '(') {
      readOperation(within);
      expect(')');
    } else if (token.kind === 'word' && FUNCTIONS.has(token.text)) {
      if (tokens[at]?.text === 'by') {
        at += 1;
        readGrouping();
      }
      expect('(');
      readOperation(token.text);
      while (tokens[at]?.text === ',') {
        at += 1;
        readOperation(token.text);
      }
      expect(')');
    } else if (token.kind === 'word') {
      let labels: readonly string[] = [];
      if (tokens[at]?.text === '{') {
        at += 1;
        labels = readMatchers();
      }
      const isRange = tokens[at]?.kind === 'range';
      if (isRange) at += 1;
      selectors.push({ name: token.text, labels, isRange, within });
    } else if (token.kind !== 'number') refuse(`'${token.text}' stands where a value belongs`);
  };
  const readOperation = (within: string | undefined): void => {
    readOperand(within);
    for (let sign = tokens[at]; sign && isOperator(sign); sign = tokens[at]) {
      at += 1;
      readOperand(undefined);
    }
  };
  readOperation(undefined);
  if (at < tokens.length) refuse(`'${tokens[at]?.text ?? ''}' is too much`);
  return { selectors, groupedBy };
};

const isOperator = ({ text }: Token): boolean => WORDS.has(text) || /^(?:[-+*/]|==|!=|>=|<=|<|>)$/.test(text);
