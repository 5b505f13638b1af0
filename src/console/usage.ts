/** `GET usage`: who used what, as `npm run usage` tells it. `GET requests`: single requests, a page at a time. */
import type { Context } from 'koa';
import { writeHead } from '../http/head.ts';
import type { System } from '../system.ts';
import { toCsv } from '../usage/csv.ts';
import type { Ledger } from '../usage/ledger.ts';
import { readRequestQuestion, readUsageQuestion } from '../usage/question.ts';
import { readUsageReport } from '../usage/report.ts';
import { readRequestPage } from '../usage/request-list.ts';
import { queryOf, questionIn } from './query.ts';
import type { Route } from './route.ts';
import { withStore } from './store.ts';
import type { ConsoleStore } from './store.ts';

export interface UsageNeeds {
  readonly store: ConsoleStore;
  readonly ledger: Pick<Ledger, 'flush'>;
  readonly keepDays: () => number;
  readonly system: Pick<System, 'now'>;
}

export const usageRoutes = ({ store, ledger, keepDays, system }: UsageNeeds): readonly Route[] => {
  const needs = () => ({ store, now: system.now(), keepDays: keepDays() });
  return [
    {
      method: 'GET',
      path: 'usage',
      answer: async (ctx) => {
        const written = queryOf(ctx, ['group', 'from', 'to', 'key', 'model']);
        const question = questionIn(readUsageQuestion(written, system.now()), written);
        await ledger.flush();
        const report = await withStore(store, () => readUsageReport(question, needs()));
        if (!wantsCsv(ctx)) return report;
        sendCsv(ctx, toCsv(report), question.group);
        return undefined;
      },
    },
    {
      method: 'GET',
      path: 'requests',
      answer: async (ctx) => {
        const written = queryOf(ctx, ['limit', 'before', 'key', 'model', 'door', 'status']);
        const question = questionIn(readRequestQuestion(written), written);
        await ledger.flush();
        return withStore(store, () => readRequestPage(question, needs()));
      },
    },
  ];
};

const wantsCsv = (ctx: Context): boolean => /\btext\/csv\b/i.test(ctx.req.headers.accept ?? '');

const sendCsv = (ctx: Context, csv: string, group: string): void => {
  ctx.state.notes.bytesOut = Buffer.byteLength(csv);
  writeHead(ctx, 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="usage-by-${group}.csv"`,
    'content-length': Buffer.byteLength(csv),
  });
  ctx.res.end(csv);
};
