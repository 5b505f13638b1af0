/** `GET connect`: ready settings for each client of docs/clients.md, with the address of this relay as it was reached. */
import { ownAddressOf } from '../http/own-address.ts';
import { AGENTS } from './clients/agents.ts';
import { CHATS } from './clients/chats.ts';
import { SDKS } from './clients/sdks.ts';
import { SHELL } from './clients/shell.ts';
import type { Route } from './route.ts';

const CLIENTS = [...AGENTS, ...CHATS, ...SDKS, ...SHELL];

/** One that each door has. */
const MODEL = 'gemini-2.5-flash';

export const connectRoutes = (trustProxyHops: number): readonly Route[] => [
  {
    method: 'GET',
    path: 'connect',
    answer: (ctx) => {
      const address = ownAddressOf(ctx.req, trustProxyHops);
      const fill = (text: string): string => text.replaceAll('{{BASE}}', address).replaceAll('{{MODEL}}', MODEL);
      return {
        base_url: address,
        model: MODEL,
        clients: CLIENTS.map(({ text, url, ...client }) => ({
          ...client,
          ...(url !== undefined && { url: fill(url) }),
          text: fill(text),
        })),
      };
    },
  },
];
