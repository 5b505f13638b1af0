import { describe, expect, test } from 'vitest';
import { imagesInMarkdown, newAllowance } from '../../src/conversation/markdown-images.ts';
import { processorNow } from '../support/machine.ts';

const DATA = 'iVBORw0KGgo=';
const image = { inlineData: { mimeType: 'image/png', data: DATA } };
const link = `![image](data:image/png;base64,${DATA})`;

describe('images in markdown', () => {
  test.each([
    ['nothing', '', []],
    ['no image', 'a ![b](https://x)', [{ text: 'a ![b](https://x)' }]],
    ['an image alone', link, [image]],
    ['an image in a text', `see ${link} there`, [{ text: 'see ' }, image, { text: ' there' }]],
    ['two images', `${link}\n${link}`, [image, image]],
    ['brackets before', `[x] ![ ![a](data:image/png;base64,${DATA})`, [{ text: '[x] ' }, image]],
    ['a link that is no image', `[a](data:image/png;base64,${DATA})`, [{ text: `[a](data:image/png;base64,${DATA})` }]],
    [
      'an address that never ends',
      `![a](data:image/png;base64,${DATA}`,
      [{ text: `![a](data:image/png;base64,${DATA}` }],
    ],
    ['white space in the address', '![a](data:image/png x)', [{ text: '![a](data:image/png x)' }]],
    ['no address', '![a](data:image/)', [{ text: '![a](data:image/)' }]],
    [
      'one that is broken before one that is not',
      `![a](data:image/x y) ${link}`,
      [{ text: '![a](data:image/x y) ' }, image],
    ],
  ])('%s', (_name, text, parts) => {
    expect(imagesInMarkdown(text, 'messages[0].content', newAllowance())).toEqual(parts);
  });

  test.each([
    '![',
    '](data:image/',
    '![a](data:image/png;base64,',
    '![](data:image/x]',
    '![](data:image/x)',
    '![a](data:image/ ',
    `${link}]`,
  ])('R25: megabytes of %s are read in linear time', (unit) => {
    const text = `](data:image/${unit.repeat(2_000_000 / unit.length)}`;
    const startedAt = processorNow();
    const left = newAllowance();
    const read = () => imagesInMarkdown(text, 'content', left);
    if (unit.startsWith(link)) expect(read).toThrow('more than 10000 pictures');
    else read();
    expect(processorNow() - startedAt).toBeLessThan(1000);
  });

  test('R25: half a million beginnings of pictures are enough', () => {
    const text = '![](data:image/x'.repeat(500_001);
    expect(() => imagesInMarkdown(text, 'content', newAllowance())).toThrow(
      "'content': more than 500000 beginnings of pictures in all.",
    );
  });
});
