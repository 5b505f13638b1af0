/** Answers of the API. The state of thousands of doors is a megabyte, asked for every ten seconds. */
import type { Context } from 'koa';
import { setHeader } from '../http/head.ts';
import { sendBytes, sendJson } from '../http/respond.ts';
import { packQuickly, takes } from './packing.ts';

/** What is smaller goes in a packet or two as it is. */
const LARGE_BYTES = 16 * 1024;

export const sendAnswer = async (ctx: Context, answer: object): Promise<void> => {
  const json = JSON.stringify(answer);
  if (json.length < LARGE_BYTES || !takes(ctx, 'gzip')) sendJson(ctx, json);
  else {
    setHeader(ctx, 'content-encoding', 'gzip');
    setHeader(ctx, 'vary', 'Accept-Encoding');
    sendBytes(ctx, await packQuickly(Buffer.from(json)), 'application/json; charset=utf-8');
  }
};
