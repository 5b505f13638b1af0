import type * as Zod from 'zod';
import type { Reason } from '../reasons.ts';

type Issue = Zod.core.$ZodIssue;

export interface IssueDescription {
  readonly message: string;
  /** `messages[2].content[0].image_url`; '' for the body itself. */
  readonly param: string;
  readonly reason: Reason;
}

/** The first problem of a body, in words for the person who wrote the request. */
export const describeIssue = (issues: readonly Issue[], body: unknown): IssueDescription => {
  const { issue, path } = deepest(issues, []);
  const param = toParam(path);
  const value = valueAt(body, path);
  const at = param === '' ? 'the request body' : `'${param}'`;
  if (issue.code === 'unrecognized_keys') {
    const unknown = toParam([...path, issue.keys[0] ?? '']);
    return { message: `Unknown parameter: '${unknown}'.`, param: unknown, reason: 'unknown_parameter' };
  }
  if (value === undefined && issue.code !== 'custom') {
    return { message: `Missing required parameter: ${at}.`, param, reason: 'missing_required_parameter' };
  }
  switch (issue.code) {
    case 'invalid_type':
      return {
        message: `Invalid type for ${at}: expected ${withArticle(issue.expected)}, but got ${nameOf(value)} instead.`,
        param,
        reason: 'invalid_type',
      };
    case 'invalid_value':
      return {
        message: `Invalid value for ${at}. Supported values are: ${issue.values.map((each) => `'${String(each)}'`).join(', ')}.`,
        param,
        reason: 'invalid_value',
      };
    case 'too_small':
      if (issue.origin === 'array' && Array.isArray(value) && value.length === 0) {
        return {
          message: `Invalid ${at}: the array is empty, at least one item is needed.`,
          param,
          reason: 'empty_array',
        };
      }
      return {
        message: `Invalid value for ${at}: it must be at least ${String(issue.minimum)}.`,
        param,
        reason: 'invalid_value',
      };
    case 'too_big':
      return {
        message: `Invalid value for ${at}: it must be at most ${String(issue.maximum)}.`,
        param,
        reason: 'invalid_value',
      };
    default:
      return {
        message: `Invalid value for ${at}: ${issue.message}.`.replace('..', '.'),
        param,
        reason: 'invalid_value',
      };
  }
};

/** Of a union's many complaints the one that got furthest into the value is the one that was meant. */
const deepest = (issues: readonly Issue[], base: readonly PropertyKey[]): { issue: Issue; path: PropertyKey[] } => {
  const [first, ...rest] = issues.map((issue) => {
    const path = [...base, ...issue.path];
    const inner = issue.code === 'invalid_union' ? issue.errors.filter((branch) => branch.length > 0) : [];
    const found = inner.map((branch) => deepest(branch, path));
    return found.reduce(
      (best, next) => (next.path.length > best.path.length ? next : best),
      found[0] ?? { issue, path },
    );
  });
  if (!first) return { issue: { code: 'custom', path: [], message: 'not accepted', input: undefined }, path: [] };
  // Outside a union the order of the schema decides.
  return base.length === 0
    ? first
    : rest.reduce((best, next) => (next.path.length > best.path.length ? next : best), first);
};

const toParam = (path: readonly PropertyKey[]): string => {
  let param = '';
  for (const step of path) {
    if (typeof step === 'number') param += `[${step}]`;
    else param += param === '' ? String(step) : `.${String(step)}`;
  }
  return param;
};

const valueAt = (body: unknown, path: readonly PropertyKey[]): unknown => {
  let value = body;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
};

const nameOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return withArticle(typeof value);
};

const withArticle = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
