/** Coding agents. */
import { fields, OPENAI } from './client.ts';
import type { ClientSettings } from './client.ts';

export const AGENTS: readonly ClientSettings[] = [
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
      `base_url = "${OPENAI}"\nenv_key = "RELAY_KEY"\nwire_api = "responses"\nsupports_websockets = true\n` +
      `model_catalog_url = "${OPENAI}/models"\n\n[features]\napi_key_model_discovery = true\n\n# export RELAY_KEY={{KEY}}`,
  },
  {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    group: 'agents',
    where: '~/.gemini/settings.json, then the shell, before gemini',
    url: '{{BASE}}',
    language: 'sh',
    text:
      '# ~/.gemini/settings.json: {"security":{"auth":{"selectedType":"gemini-api-key"}}}\n' +
      'export GOOGLE_GEMINI_BASE_URL={{BASE}} GEMINI_API_KEY={{KEY}}\ngemini -m {{MODEL}}',
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
            models: { '{{MODEL}}': {}, 'gemini-3.1-pro-preview': {} },
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
    where: "Shell; other agents that speak OpenAI's format read the same",
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
];
