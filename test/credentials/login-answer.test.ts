import { expect, test } from 'vitest';
import { readPasted, readRedirect } from '../../src/credentials/login-answer.ts';

const STATE = 'the-right-state';

test.each([
  [`code=4/abc&state=${STATE}&scope=x`, { kind: 'code', code: '4/abc' }],
  [`error=access_denied&state=${STATE}`, { kind: 'declined', error: 'access_denied' }],
  [`error=access_denied&code=4/abc&state=${STATE}`, { kind: 'declined', error: 'access_denied' }],
  ['code=4/abc&state=wrong', { kind: 'foreign' }],
  ['code=4/abc', { kind: 'foreign' }],
  ['error=access_denied', { kind: 'foreign' }],
  [`code=4/abc&state=${STATE}&state=${STATE}`, { kind: 'foreign' }],
  [`code=a&code=b&state=${STATE}`, { kind: 'foreign' }],
  [`code=&state=${STATE}`, { kind: 'foreign' }],
  [`state=${STATE}`, { kind: 'foreign' }],
  ['', { kind: 'foreign' }],
])('S19: the redirect %s', (query, expected) => {
  expect(readRedirect(new URLSearchParams(query), STATE)).toEqual(expected);
});

test.each([
  [`http://localhost:8080/?state=${STATE}&code=4/0AbC-d_e&scope=x`, { kind: 'code', code: '4/0AbC-d_e' }],
  [`  "http://localhost:8080/?state=${STATE}&code=4%2F0AbCdef#top"  `, { kind: 'code', code: '4/0AbCdef' }],
  [`<http://localhost:8080/?code=4/0AbCdef&state=${STATE}>`, { kind: 'code', code: '4/0AbCdef' }],
  [`localhost:8080/?code=4/0AbCdef&state=wrong`, { kind: 'foreign' }],
  [`?code=4/0AbCdef&state=${STATE}`, { kind: 'code', code: '4/0AbCdef' }],
  [`code=4/0AbCdef&state=${STATE}`, { kind: 'code', code: '4/0AbCdef' }],
  ['http://localhost:8080/?code=4/0AbCdef&state=other', { kind: 'foreign' }],
  ['http://localhost:8080/?code=4/0AbCdef', { kind: 'foreign' }],
  [`http://localhost:8080/?error=access_denied&state=${STATE}`, { kind: 'declined', error: 'access_denied' }],
  ['4/0AbCdefGHI-jk_l', { kind: 'code', code: '4/0AbCdefGHI-jk_l' }],
  ['4%2F0AbCdefGHI', { kind: 'code', code: '4/0AbCdefGHI' }],
  ['', { kind: 'nothing' }],
  ['y', { kind: 'nothing' }],
  ['what am I to paste?', { kind: 'nothing' }],
  ['https://accounts.google.com/signin', { kind: 'nothing' }],
])('S22: pasted: %s', (line, expected) => {
  expect(readPasted(line, STATE)).toEqual(expected);
});
