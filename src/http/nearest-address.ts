/** The addresses that somebody most likely meant who asks for one that does not exist. */
import { editDistance } from '../slips.ts';

interface Address {
  readonly method: string;
  /** With the names of what varies: `/v1/models/{model}`. */
  readonly path: string;
}

const MOST_NAMED = 3;
/** No address is as long: what is longer is no slip, and is not looked at. */
const LONGEST = 200;

/** Of those that are equally near the first three. `known` is in order of preference. */
export const nearestAddresses = (method: string, path: string, known: readonly Address[]): readonly Address[] => {
  if (path.length > LONGEST) return [];
  const asked = segmentsOf(path);
  const near: { readonly address: Address; readonly distance: number }[] = [];
  let nearest = Infinity;
  for (const address of known) {
    const distance = distanceTo(asked, address.path) + (address.method === method ? 0 : OTHER_METHOD);
    nearest = Math.min(nearest, distance);
    const isNamed = near.some(({ address: one }) => one.path === address.path && one.method === address.method);
    if (distance === nearest && distance < Infinity && !isNamed) near.push({ address, distance });
  }
  return near
    .filter(({ distance }) => distance === nearest)
    .slice(0, MOST_NAMED)
    .map(({ address }) => address);
};

/** A sentence for who has gone wrong; nothing where nothing is near. */
export const tellNearest = (method: string, path: string, known: readonly Address[]): string => {
  const nearest = nearestAddresses(method, path, known).map((address) => `${address.method} ${address.path}`);
  return nearest.length === 0 ? '' : `The nearest: ${nearest.join(', ')}.`;
};

/** Whether it is this very address. */
export const isAt = (address: Address, method: string, path: string): boolean => {
  if (address.method !== method || path.length > LONGEST) return false;
  const own = segmentsOf(address.path);
  return withoutNames(segmentsOf(path), own).join('/') === own.map((part) => part.replace(NAME, '*')).join('/');
};

const OTHER_METHOD = 2;
/** For each part: of `/chat/completions` and `/completions` the longer one leaves less over. */
const OTHER_BASE = 0.25;

/** Infinity where one is no slip for the other. */
const distanceTo = (asked: readonly string[], path: string): number => {
  const [base = '', ...rest] = segmentsOf(path);
  const own = rest.length === 0 ? [base] : rest;
  // Clients put all kinds of bases before an address: what counts are its last parts.
  const end = asked.slice(-own.length);
  const before = asked.slice(0, -own.length);
  const isOwnBase = before.length === 1 && rest.length > 0 && before[0] === base;
  const atEnd = slips(end, own) + (isOwnBase ? 0 : OTHER_BASE * before.length);
  const behindBase = asked[0] === base ? slips(asked.slice(1), own) : Infinity;
  return Math.min(atEnd, behindBase);
};

const slips = (asked: readonly string[], own: readonly string[]): number => {
  const [one, other] = [withoutNames(asked, own).join('/'), own.map((part) => part.replace(NAME, '*')).join('/')];
  if (one !== '' && other.startsWith(`${one}/`)) return 1;
  const longer = Math.max(one.length, other.length);
  if (longer > 2 * Math.min(one.length, other.length)) return Infinity;
  const distance = editDistance(one, other);
  return distance * 3 <= longer ? distance : Infinity;
};

/** Which model or file was meant makes no difference. */
const withoutNames = (asked: readonly string[], own: readonly string[]): readonly string[] =>
  asked.map((part, index) => {
    if (!NAME.test(own[index] ?? '')) return part;
    const verb = part.indexOf(':');
    return verb < 0 ? '*' : `*${part.slice(verb)}`;
  });

const NAME = /\{[a-z_]+\}/;

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((part) => part !== '');
