/** Chat programs. */
import { fields, OPENAI } from './client.ts';
import type { ClientSettings } from './client.ts';

const inSettings = (id: string, name: string, where: string, url: string, more = ''): ClientSettings => ({
  ...{ id, name, group: 'chat', where, url, language: 'text' },
  text: [fields(['URL', url], ['Key', '{{KEY}}'], ['Model', '{{MODEL}}']), ...(more === '' ? [] : [more])].join('\n'),
});

export const CHATS: readonly ClientSettings[] = [
  inSettings('open-webui', 'Open WebUI', 'Admin Panel → Settings → Connections → OpenAI API → +', OPENAI),
  inSettings('cherry-studio', 'Cherry Studio', 'Settings → Model Provider → Add → type OpenAI', '{{BASE}}'),
  inSettings(
    'sillytavern',
    'SillyTavern',
    'API Connections → Chat Completion → source Custom (OpenAI-compatible)',
    OPENAI,
    'Max response length: 2000 or more for thinking models',
  ),
  inSettings('lobechat', 'LobeChat', 'Settings → AI Service Provider → OpenAI', OPENAI),
  {
    id: 'librechat',
    name: 'LibreChat',
    group: 'chat',
    where: 'librechat.yaml',
    url: OPENAI,
    language: 'yaml',
    text:
      'endpoints:\n  custom:\n    - name: Gemini\n' +
      `      baseURL: "${OPENAI}"\n      apiKey: "{{KEY}}"\n      models:\n        default: ["{{MODEL}}"]\n        fetch: true`,
  },
  inSettings('nextchat', 'NextChat', 'Settings → Custom endpoint', '{{BASE}}'),
];
