/** Libraries, each with a first question that runs as it stands. */
import { OPENAI } from './client.ts';
import type { ClientSettings } from './client.ts';

const js = (id: string, name: string, packages: string, url: string, lines: readonly string[]): ClientSettings => ({
  ...{ id, name, group: 'sdk', where: `npm install ${packages}`, url, language: 'js', text: lines.join('\n') },
});

const python = (id: string, name: string, packages: string, url: string, lines: readonly string[]): ClientSettings => ({
  ...{ id, name, group: 'sdk', where: `pip install ${packages}`, url, language: 'py', text: lines.join('\n') },
});

const ASK_OPENAI = [
  'const answer = await client.chat.completions.create({',
  "  model: '{{MODEL}}',",
  "  messages: [{ role: 'user', content: 'Hello' }],",
  '});',
  'console.log(answer.choices[0].message.content);',
];
const ASK_AI = [
  "const answer = await generateText({ model: relay('{{MODEL}}'), prompt: 'Hello' });",
  'console.log(answer.text);',
];

export const SDKS: readonly ClientSettings[] = [
  js('openai-js', 'OpenAI, JavaScript', 'openai', OPENAI, [
    "import OpenAI from 'openai';",
    '',
    `const client = new OpenAI({ baseURL: '${OPENAI}', apiKey: '{{KEY}}' });`,
    ...ASK_OPENAI,
  ]),
  js('openai-responses-js', 'OpenAI, JavaScript, the Responses API', 'openai', OPENAI, [
    "import OpenAI from 'openai';",
    '',
    `const client = new OpenAI({ baseURL: '${OPENAI}', apiKey: '{{KEY}}' });`,
    "const answer = await client.responses.create({ model: '{{MODEL}}', input: 'Hello' });",
    'console.log(answer.output_text);',
  ]),
  js('anthropic-js', 'Anthropic, JavaScript', '@anthropic-ai/sdk', '{{BASE}}', [
    "import Anthropic from '@anthropic-ai/sdk';",
    '',
    "const client = new Anthropic({ baseURL: '{{BASE}}', apiKey: '{{KEY}}' });",
    'const answer = await client.messages.create({',
    "  model: '{{MODEL}}',",
    '  max_tokens: 1024,',
    "  messages: [{ role: 'user', content: 'Hello' }],",
    '});',
    'console.log(answer.content[0].text);',
  ]),
  js('genai-js', 'Google Gen AI, JavaScript', '@google/genai', '{{BASE}}', [
    "import { GoogleGenAI } from '@google/genai';",
    '',
    "const ai = new GoogleGenAI({ apiKey: '{{KEY}}', httpOptions: { baseUrl: '{{BASE}}' } });",
    "const answer = await ai.models.generateContent({ model: '{{MODEL}}', contents: 'Hello' });",
    'console.log(answer.text);',
  ]),
  js('openai-agents-js', 'OpenAI Agents SDK, JavaScript', '@openai/agents openai', OPENAI, [
    "import { Agent, OpenAIResponsesModel, run, setTracingDisabled } from '@openai/agents';",
    "import OpenAI from 'openai';",
    '',
    '// Traces would go to OpenAI.',
    'setTracingDisabled(true);',
    `const client = new OpenAI({ baseURL: '${OPENAI}', apiKey: '{{KEY}}' });`,
    "const agent = new Agent({ name: 'Helper', model: new OpenAIResponsesModel(client, '{{MODEL}}') });",
    "const answer = await run(agent, 'Hello');",
    'console.log(answer.finalOutput);',
  ]),
  js('ai-sdk-responses', 'Vercel AI SDK, over the Responses API', 'ai @ai-sdk/openai', OPENAI, [
    "import { createOpenAI } from '@ai-sdk/openai';",
    "import { generateText } from 'ai';",
    '',
    `const relay = createOpenAI({ baseURL: '${OPENAI}', apiKey: '{{KEY}}' });`,
    ...ASK_AI,
  ]),
  js('ai-sdk-openai', 'Vercel AI SDK, as an OpenAI client', 'ai @ai-sdk/openai-compatible', OPENAI, [
    "import { createOpenAICompatible } from '@ai-sdk/openai-compatible';",
    "import { generateText } from 'ai';",
    '',
    'const relay = createOpenAICompatible({',
    "  name: 'relay',",
    `  baseURL: '${OPENAI}',`,
    "  apiKey: '{{KEY}}',",
    '});',
    ...ASK_AI,
  ]),
  js('ai-sdk-anthropic', 'Vercel AI SDK, as an Anthropic client', 'ai @ai-sdk/anthropic', OPENAI, [
    "import { createAnthropic } from '@ai-sdk/anthropic';",
    "import { generateText } from 'ai';",
    '',
    `const relay = createAnthropic({ baseURL: '${OPENAI}', apiKey: '{{KEY}}' });`,
    ...ASK_AI,
  ]),
  js('ai-sdk-gemini', 'Vercel AI SDK, as a Gemini client', 'ai @ai-sdk/google', '{{BASE}}/v1beta', [
    "import { createGoogleGenerativeAI } from '@ai-sdk/google';",
    "import { generateText } from 'ai';",
    '',
    "const relay = createGoogleGenerativeAI({ baseURL: '{{BASE}}/v1beta', apiKey: '{{KEY}}' });",
    ...ASK_AI,
  ]),
  js('langchain-js', 'LangChain, JavaScript', '@langchain/openai', OPENAI, [
    "import { ChatOpenAI } from '@langchain/openai';",
    '',
    'const model = new ChatOpenAI({',
    "  model: '{{MODEL}}',",
    "  apiKey: '{{KEY}}',",
    `  configuration: { baseURL: '${OPENAI}' },`,
    '});',
    "const answer = await model.invoke('Hello');",
    'console.log(answer.content);',
  ]),
  python('openai-python', 'OpenAI, Python', 'openai', OPENAI, [
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${OPENAI}", api_key="{{KEY}}")`,
    'answer = client.chat.completions.create(model="{{MODEL}}", messages=[{"role": "user", "content": "Hello"}])',
    'print(answer.choices[0].message.content)',
  ]),
  python('genai-python', 'Google Gen AI, Python', 'google-genai', '{{BASE}}', [
    'from google import genai',
    '',
    'client = genai.Client(api_key="{{KEY}}", http_options={"base_url": "{{BASE}}"})',
    'answer = client.models.generate_content(model="{{MODEL}}", contents="Hello")',
    'print(answer.text)',
  ]),
  python('langchain-python', 'LangChain, Python', 'langchain-openai', OPENAI, [
    'from langchain_openai import ChatOpenAI',
    '',
    `model = ChatOpenAI(base_url="${OPENAI}", api_key="{{KEY}}", model="{{MODEL}}")`,
    'print(model.invoke("Hello").content)',
  ]),
  python('llamaindex-python', 'LlamaIndex, Python', 'llama-index-llms-openai-like', OPENAI, [
    'from llama_index.llms.openai_like import OpenAILike',
    '',
    'model = OpenAILike(',
    `    api_base="${OPENAI}",`,
    '    api_key="{{KEY}}",',
    '    model="{{MODEL}}",',
    '    is_chat_model=True,',
    '    is_function_calling_model=True,',
    ')',
    'print(model.complete("Hello"))',
  ]),
  python('litellm', 'LiteLLM', 'litellm', OPENAI, [
    'from litellm import completion',
    '',
    'answer = completion(',
    '    model="openai/{{MODEL}}",',
    `    api_base="${OPENAI}",`,
    '    api_key="{{KEY}}",',
    '    messages=[{"role": "user", "content": "Hello"}],',
    ')',
    'print(answer.choices[0].message.content)',
  ]),
];
