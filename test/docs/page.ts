/** Markdown, as far as the tests of the documentation need it. */
import { readFileSync } from 'node:fs';

export interface Block {
  readonly language: string;
  readonly text: string;
}

const ROOT = new URL('../../', import.meta.url);

export const readPage = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(\S*)\n([\s\S]*?)\n```$/gm)].map(([, language = '', text = '']) => ({ language, text }));

export const withoutBlocks = (page: string): string => page.replaceAll(/^```\S*\n[\s\S]*?\n```$/gm, '');

export const headingsOf = (page: string): string[] =>
  [...withoutBlocks(page).matchAll(/^(#+) .+$/gm)].map(([, marks = '']) => marks);

/** Rows and columns of each table. */
export const tablesOf = (page: string): string[] =>
  [...withoutBlocks(page).matchAll(/(?:^\|.*\|\n?)+/gm)].map(([table]) => {
    const rows = table.trim().split('\n');
    return `${rows.length} × ${(rows[0] ?? '').split('|').length - 2}`;
  });

export const linksOf = (page: string): string[] =>
  [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)|<(https?:[^>]+)>/g)].map(
    ([, target, address]) => target ?? address ?? '',
  );

export const spansOf = (page: string): string[] =>
  [...withoutBlocks(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** The names by which GitHub links to headings. */
export const anchorsOf = (page: string): string[] =>
  [...withoutBlocks(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
