/** What each client is told: `{{BASE}}` the relay's address, `{{MODEL}}` a model, `{{KEY}}` the key, filled in on the page. */

export interface ClientSettings {
  readonly id: string;
  /** As docs/clients.md calls it. */
  readonly name: string;
  readonly group: 'agents' | 'chat' | 'sdk' | 'shell';
  /** The file, or the place in the client's own settings. */
  readonly where: string;
  /** What goes into the one field for an address, where there is one. */
  readonly url?: string;
  readonly language: 'sh' | 'json' | 'toml' | 'yaml' | 'js' | 'py' | 'text';
  readonly text: string;
}

const OPENAI = '{{BASE}}/v1';

const fields = (...rows: readonly (readonly [string, string])[]): string =>
  rows.map(([label, value]) => `${label}: ${value}`).join('\n');

const inSettings = (id: string, name: string, where: string, url: string, more = ''): ClientSettings => ({
  ...{ id, name, group: 'chat', where, url, language: 'text' },
  text: [fields(['URL', url], ['Key', '{{KEY}}'], ['Model', '{{MODEL}}']), ...(more === '' ? [] : [more])].join('\n'),
});

export const CLIENTS: readonly ClientSettings[] = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    group: 'agents',
    where: 'Shell, before claude',
    url: '{{BASE}}',
    language: 'sh',
    text: 'export ANTHROPIC_BASE_URL={{BASE}} ANTHROPIC_AUTH_TOKEN={{KEY}}\nclaude',
  },
  {
    id: 'codex',
    name: 'Codex CLI',
    group: 'agents',
    where: '~/.codex/config.toml, and RELAY_KEY in the environment',
    url: OPENAI,
    language: 'toml',
    text:
      'model = "{{MODEL}}"\nmodel_provider = "relay"\n\n[model_providers.relay]\nname = "relay"\n' +
      `base_url = "${OPENAI}"\nenv_key = "RELAY_KEY"\nwire_api = "responses"\n\n# export RELAY_KEY={{KEY}}`,
  },
  {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    group: 'agents',
    where: 'Shell, before gemini',
    url: '{{BASE}}',
    language: 'sh',
    text: 'export GOOGLE_GEMINI_BASE_URL={{BASE}} GEMINI_API_KEY={{KEY}}\ngemini -m {{MODEL}}',
  },
  {
    id: 'cline',
    name: 'Cline, Roo Code, Kilo Code',
    group: 'agents',
    where: 'API provider: OpenAI Compatible',
    url: OPENAI,
    language: 'text',
    text: fields(['Base URL', OPENAI], ['API key', '{{KEY}}'], ['Model ID', '{{MODEL}}']),
  },
  {
    id: 'opencode',
    name: 'opencode',
    group: 'agents',
    where: 'opencode.json',
    url: OPENAI,
    language: 'json',
    text: JSON.stringify(
      {
        provider: {
          relay: {
            npm: '@ai-sdk/openai-compatible',
            options: { baseURL: OPENAI, apiKey: '{{KEY}}' },
            models: { '{{MODEL}}': {} },
          },
        },
        model: 'relay/{{MODEL}}',
      },
      null,
      2,
    ),
  },
  {
    id: 'aider',
    name: 'Aider',
    group: 'agents',
    where: 'Shell, before aider',
    url: OPENAI,
    language: 'sh',
    text: `export OPENAI_API_BASE=${OPENAI} OPENAI_API_KEY={{KEY}}\naider --model openai/{{MODEL}}`,
  },
  {
    id: 'qwen-code',
    name: 'Qwen Code',
    group: 'agents',
    where: "Shell; other agents of OpenAI's kind read the same",
    url: OPENAI,
    language: 'sh',
    text: `export OPENAI_BASE_URL=${OPENAI} OPENAI_API_KEY={{KEY}} OPENAI_MODEL={{MODEL}}`,
  },
  {
    id: 'continue',
    name: 'Continue',
    group: 'agents',
    where: 'config.yaml',
    url: OPENAI,
    language: 'yaml',
    text: `models:\n  - name: Gemini\n    provider: openai\n    model: {{MODEL}}\n    apiBase: ${OPENAI}\n    apiKey: {{KEY}}`,
  },
  {
    id: 'cursor',
    name: 'Cursor',
    group: 'agents',
    where: 'Settings → Models → Override OpenAI Base URL (an address that the internet can reach)',
    url: OPENAI,
    language: 'text',
    text: fields(['Base URL', OPENAI], ['Key', '{{KEY}}'], ['Model', '{{MODEL}}']),
  },
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
  {
    id: 'openai-js',
    name: 'OpenAI, JavaScript',
    group: 'sdk',
    where: 'npm install openai',
    url: OPENAI,
    language: 'js',
    text:
      `import OpenAI from 'openai';\n\nconst client = new OpenAI({ baseURL: '${OPENAI}', apiKey: '{{KEY}}' });\n` +
      "const answer = await client.chat.completions.create({\n  model: '{{MODEL}}',\n" +
      "  messages: [{ role: 'user', content: 'Hello' }],\n});\nconsole.log(answer.choices[0].message.content);",
  },
  {
    id: 'openai-python',
    name: 'OpenAI, Python',
    group: 'sdk',
    where: 'pip install openai',
    url: OPENAI,
    language: 'py',
    text:
      `from openai import OpenAI\n\nclient = OpenAI(base_url="${OPENAI}", api_key="{{KEY}}")\n` +
      'answer = client.chat.completions.create(\n    model="{{MODEL}}",\n' +
      '    messages=[{"role": "user", "content": "Hello"}],\n)\nprint(answer.choices[0].message.content)',
  },
  {
    id: 'anthropic-js',
    name: 'Anthropic, JavaScript',
    group: 'sdk',
    where: 'npm install @anthropic-ai/sdk',
    url: '{{BASE}}',
    language: 'js',
    text:
      "import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic({ baseURL: '{{BASE}}', apiKey: '{{KEY}}' });\n" +
      "const answer = await client.messages.create({\n  model: '{{MODEL}}',\n  max_tokens: 1024,\n" +
      "  messages: [{ role: 'user', content: 'Hello' }],\n});\nconsole.log(answer.content[0].text);",
  },
  {
    id: 'genai-js',
    name: 'Google Gen AI, JavaScript',
    group: 'sdk',
    where: 'npm install @google/genai',
    url: '{{BASE}}',
    language: 'js',
    text:
      "import { GoogleGenAI } from '@google/genai';\n\n" +
      "const ai = new GoogleGenAI({ apiKey: '{{KEY}}', httpOptions: { baseUrl: '{{BASE}}' } });\n" +
      "const answer = await ai.models.generateContent({ model: '{{MODEL}}', contents: 'Hello' });\nconsole.log(answer.text);",
  },
  {
    id: 'curl',
    name: 'curl',
    group: 'shell',
    where: 'Shell',
    url: `${OPENAI}/chat/completions`,
    language: 'sh',
    text:
      `curl ${OPENAI}/chat/completions \\\n  -H 'Authorization: Bearer {{KEY}}' -H 'Content-Type: application/json' \\\n` +
      `  -d '{"model":"{{MODEL}}","messages":[{"role":"user","content":"Hello!"}]}'`,
  },
];
