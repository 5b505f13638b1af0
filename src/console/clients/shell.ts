/** Command line and automation. */
import { fields, OPENAI } from './client.ts';
import type { ClientSettings } from './client.ts';

export const SHELL: readonly ClientSettings[] = [
  {
    id: 'curl',
    name: 'curl',
    group: 'shell',
    where: 'Shell',
    url: `${OPENAI}/chat/completions`,
    language: 'sh',
    text:
      `curl ${OPENAI}/chat/completions \\\n  -H "Authorization: Bearer {{KEY}}" -H 'Content-Type: application/json' \\\n` +
      `  -d '{"model": "{{MODEL}}", "messages": [{"role": "user", "content": "Hello"}]}'`,
  },
  {
    id: 'n8n',
    name: 'n8n',
    group: 'shell',
    where: 'Credentials → OpenAI',
    url: OPENAI,
    language: 'text',
    text: fields(['Base URL', OPENAI], ['API Key', '{{KEY}}']),
  },
];
