import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, blocksOf, headingsOf, linksOf, readPage, spansOf, tablesOf, withoutBlocks } from './page.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** The link at the top leads to the other language; everything else leads to the same place. */
const PAIRS = [
  ['README.md', 'README.zh-CN.md'],
  ['docs/keys.md', 'docs/keys.zh-CN.md'],
  ['docs/usage.md', 'docs/usage.zh-CN.md'],
  ['docs/troubleshooting.md', 'docs/troubleshooting.zh-CN.md'],
  ['docs/scale.md', 'docs/scale.zh-CN.md'],
  ['docs/metrics.md', 'docs/metrics.zh-CN.md'],
  ['docs/doors.md', 'docs/doors.zh-CN.md'],
  ['docs/quick-start.md', 'docs/quick-start.zh-CN.md'],
  ['docs/deploy.md', 'docs/deploy.zh-CN.md'],
  ['docs/clients.md', 'docs/clients.zh-CN.md'],
  ['docs/upstreams.md', 'docs/upstreams.zh-CN.md'],
  ['docs/console.md', 'docs/console.zh-CN.md'],
] as const;

/** Without commands, names in code, and addresses. */
const proseOf = (page: string): string =>
  withoutBlocks(readPage(page)).replaceAll(/`[^`\n]+`|\]\([^)\s]+\)|<[^>]+>/g, '');

/** A heading by its number: it is called otherwise there. */
const placeOf = (page: string, link: string): string => {
  const [path = '', anchor] = link.split('#');
  if (anchor === undefined || /^https?:/.test(link)) return link.replace('.zh-CN.', '.');
  const target = path === '' ? page : join(dirname(page), path);
  return `${target.replace('.zh-CN.', '.')}#${anchorsOf(readPage(target)).indexOf(anchor)}`;
};

/** Words inside of a block of commands may be in the reader's language. */
const commandsOf = (page: string): string[] =>
  blocksOf(readPage(page)).map(({ language, text }) => `${language}\n${text.replaceAll(/"content": "[^"]*"/g, '')}`);

describe.each(PAIRS)('%s and %s', (english, chinese) => {
  test('have the same headings, in the same order', () => {
    expect(headingsOf(readPage(chinese))).toEqual(headingsOf(readPage(english)));
  });

  test('have tables of the same size', () => {
    expect(tablesOf(readPage(chinese))).toEqual(tablesOf(readPage(english)));
  });

  test('have the same blocks of commands and messages', () => {
    expect(commandsOf(chinese)).toEqual(commandsOf(english));
  });

  test('lead to the same places', () => {
    const places = (page: string): string[] =>
      linksOf(readPage(page))
        .map((link) => placeOf(page, link))
        .sort();
    expect(places(chinese)).toEqual(places(english));
  });

  test('name the same things in code', () => {
    const names = (page: string): string[] => [...new Set(spansOf(readPage(page)))].sort();
    expect(names(chinese)).toEqual(names(english));
  });

  test('the second is in Chinese', () => {
    const letters = proseOf(chinese).match(/\p{Script=Han}/gu)?.length ?? 0;
    expect(letters).toBeGreaterThan((proseOf(english).match(/[a-z]/g)?.length ?? 0) / 6);
    const left = proseOf(chinese)
      .split('\n')
      .filter((line) => !/\p{Script=Han}/u.test(line) && (line.match(/[a-z]/gi)?.length ?? 0) > 60);
    expect(left).toEqual([]);
  });
});

const CHINESE = PAIRS.map(([, chinese]) => chinese);

test.each(CHINESE)('%s says of each page that is in English alone that it is', (page) => {
  const unmarked = [...withoutBlocks(readPage(page)).matchAll(/\[([^\]]*)\]\(([^)\s#]+\.md)[^)]*\)/g)]
    .filter(([, text = '', target = '']) => {
      const isChinese = target.includes('.zh-CN.') || text === 'English';
      return !isChinese && !text.endsWith('（英文）');
    })
    .map(([link]) => link);
  expect(unmarked).toEqual([]);
});

test.each(CHINESE)('%s leads to the Chinese page where there is one', (page) => {
  const passed = linksOf(readPage(page))
    .map((link) => link.split('#')[0] ?? '')
    .filter((path) => path.endsWith('.md') && !path.includes('.zh-CN.'))
    .filter((path) => join(dirname(page), path) !== page.replace('.zh-CN', ''))
    .filter((path) => existsSync(join(ROOT, dirname(page), path.replace(/\.md$/, '.zh-CN.md'))));
  expect(passed).toEqual([]);
});

/** One word for one thing: what stands on the left is called what stands on the right, in documents and on the page. */
const ONE_WORD = {
  ...{ 本程序: '中继', 中转: '中继', 主人: '所有者', 客户密钥: '客户端密钥', 通道: '门', 思维: '思考' },
  ...{
    帐号: '账号',
    账户: '账号',
    登陆: '登录',
    凭证: '凭据',
    基础地址: '接口地址',
    标准版: 'Standard',
    企业版: 'Enterprise',
  },
  ...{ '「': '“', '」': '”' },
};

test.each([...CHINESE, 'src/console/page/words/zh.js', 'src/console/page/words/relay.zh.js'])(
  '%s has one word for one thing',
  (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    expect(Object.entries(ONE_WORD).filter(([other]) => text.includes(other))).toEqual([]);
  },
);
