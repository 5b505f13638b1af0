import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMistakes } from '../../src/config/env-file-mistakes.ts';
import { processorNow } from '../support/machine.ts';

const told = (text: string): string[] => findMistakes(text).map(({ what, fix }) => `${what} → ${fix}`);

describe('what is meant as it is written', () => {
  test.each([
    ['settings', 'PORT = 8890\nexport LOG_LEVEL="info"\r\n\n# PORT: 1\n  # a remark\nPORT=\n'],
    ['what is for others', 'SOMETHING_ELSE=1\nNODE_IMAGE=a/b:c'],
    ['a proxy in small letters', 'https_proxy=http://127.0.0.1:1'],
    ['JSON over lines, in quotes and without', 'GEMINI_CREDENTIALS={\n  "a": "b=c"\n}\nA=\'{\n  "a": 1\n}\''],
    ['a quoted text over lines', 'NOTE="one\ntwo\nthree"\nPORT=1'],
    ['a path of Windows', "GOOGLE_APPLICATION_CREDENTIALS='C:\\new\\me.json'\nDATABASE_URL=C:\\new\\relay.db"],
    ['one whose names begin with a capital', 'GOOGLE_APPLICATION_CREDENTIALS="C:\\Users\\Nadia\\New\\me.json"'],
    ['a base64 text', 'GEMINI_CREDENTIALS=eyJhIjoxfQ=='],
  ])('%s', (_name, text) => {
    expect(told(text)).toEqual([]);
  });
});

describe('a mistake', () => {
  test.each([
    ['PORT 21050', 'the line of PORT is not understood → Write it as PORT=value.'],
    ['PORT', 'the line of PORT is not understood → Write it as PORT=value.'],
    ['port: 8890', 'the line of PORT is not understood'],
    ['export PORT', 'the line of PORT is not understood'],
    ['set PORT=8890', 'the line of PORT is not understood'],
    ['$env:PORT = "8890"', 'the line of PORT is not understood'],
    ['GEMINI_API_KY=x', 'GEMINI_API_KY is no setting of the relay; GEMINI_API_KEY is one → Write GEMINI_API_KEY'],
    ['port=8890', 'port is no setting of the relay; PORT is one'],
    ['NODE_EXTRA_CA_CERTS=/ca.pem', 'NODE_EXTRA_CA_CERTS has no effect here: Node reads it when it starts → Set it in'],
    ['API_KEY="open', 'the value of API_KEY begins with a quotation mark that nothing closes → Write API_KEY=value'],
    ['API_KEY="open\nHOST="0.0.0.0"\n', 'the value of API_KEY begins with a quotation mark that nothing closes'],
    ['API_KEY=“curly”', 'the value of API_KEY begins with a quotation mark'],
    [
      'GOOGLE_APPLICATION_CREDENTIALS="C:\\Users\\new\\me.json"',
      'GOOGLE_APPLICATION_CREDENTIALS is a path of Windows between double quotes, where \\n is a line end → Write it between',
    ],
    ['just a thought', 'line 1 sets nothing → Write a setting as NAME=value on one line, and begin a remark with #.'],
    ['A=1\nx\ny\nz\n\nB=2\n-', 'lines 2 to 4, 7 set nothing'],
    ['GEMINI_CREDENTIALS={\n  "refresh_token": canary\n}', 'lines 2 to 3 set nothing'],
    ['GEMINI_CREDENTIALS=eyJhIjox\ncanaryfQ', 'line 2 sets nothing'],
  ])('%j', (text, expected) => {
    const found = told(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
    expect(found[0]).not.toContain('canary');
  });

  test('each line has its own number, behind JSON over lines too', () => {
    expect(told('A={\n"a":1\n}\noops')).toEqual([expect.stringMatching(/^line 4 sets nothing/)]);
  });

  test('a text of nothing else is told in one sentence, and soon', () => {
    const startedAt = processorNow();
    expect(told('?\n\n'.repeat(300_000))).toEqual([expect.stringMatching(/^lines 1, 3, 5, 7, 9, … set nothing/)]);
    expect(told('A="x"\n'.repeat(150_000))).toEqual([]);
    expect(processorNow() - startedAt).toBeLessThan(5000);
  });
});

test('a line that is told to set nothing sets nothing for the reader, and every other one does', () => {
  const piece = fc.constantFrom('A', 'B1', '=', ' ', '#', 'x', ':', 'set ');
  const line = fc
    .tuple(fc.constantFrom('', ' ', 'export '), fc.array(piece, { maxLength: 5 }))
    .map(([first, pieces]) => `${first}${pieces.join('')}`);
  fc.assert(
    fc.property(line, (text) => {
      // Of a line without a name the reader takes what follows the sign for a line of its own.
      fc.pre(!/^\s*(?:export\s+)?=/.test(text));
      const isSilent = text.trim() === '' || text.trim().startsWith('#');
      // Before an empty value Node's reader leaves the word with the name.
      const sets = Object.keys(parseEnv(text)).some((name) => /^(?:export +)?[^\s:]+$/.test(name));
      expect(told(text).length === 0).toBe(isSilent || sets);
    }),
    { numRuns: 2000 },
  );
});
