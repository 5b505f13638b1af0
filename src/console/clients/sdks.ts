/** Libraries, each with a first question that runs as it stands. */
import { OPENAI } from './client.ts';
import type { ClientSettings } from './client.ts';

const js = (id: string, name: string, packages: string, url: string, lines: readonly string[]): ClientSettings => ({
  ...{ id, name, group: 'sdk', where: `npm install ${packages}`, url, language: 'js', text: lines.join('\n') },
});

const python = (id: string, name: string, packages: string, url: string, lines: readonly string[]): ClientSettings => ({
  ...{ id, name, group: 'sdk', where: `pip install ${packages}`, url, language: 'py', text: lines.join('\n') },
});

/** Tabs, as gofmt writes them. */
const go = (id: string, name: string, packages: string, url: string, lines: readonly string[]): ClientSettings => ({
  ...{ id, name, group: 'sdk', where: `go get ${packages.split(' ')[0] ?? ''}`, url, language: 'go' },
  text: [...goHead(packages.split(' ')), ...lines, '}']
    .map((line) => line.replace(/^ +/, ({ length }) => '\t'.repeat(length / 2)))
    .join('\n'),
});

const goHead = (packages: readonly string[]): readonly string[] => [
  ...['package main', '', 'import (', '  "context"', '  "fmt"', ''],
  ...packages.map((one) => `  "${one}"`),
  ...[')', '', 'func main() {'],
];

const java = (
  id: string,
  name: string,
  where: string,
  url: string,
  imports: readonly string[],
  lines: readonly string[],
): ClientSettings => ({
  ...{ id, name, group: 'sdk', where, url, language: 'java' },
  text: [
    ...imports.map((one) => `import ${one};`),
    ...['', 'public class Hello {', '  public static void main(String[] args) {'],
    ...lines,
    ...['  }', '}'],
  ].join('\n'),
});

const IF_FAILED = ['  if err != nil {', '    panic(err)', '  }'];

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
  python('anthropic-python', 'Anthropic, Python', 'anthropic', '{{BASE}}', [
    'from anthropic import Anthropic',
    '',
    'client = Anthropic(base_url="{{BASE}}", api_key="{{KEY}}")',
    'answer = client.messages.create(',
    '    model="{{MODEL}}",',
    '    max_tokens=1024,',
    '    messages=[{"role": "user", "content": "Hello"}],',
    ')',
    'print(answer.content[0].text)',
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
  python('langchain-gemini-python', 'LangChain, Python, as a Gemini client', 'langchain-google-genai', '{{BASE}}', [
    'from langchain_google_genai import ChatGoogleGenerativeAI',
    '',
    'model = ChatGoogleGenerativeAI(',
    '    base_url="{{BASE}}",',
    '    api_key="{{KEY}}",',
    '    model="{{MODEL}}",',
    ')',
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
  go('openai-go', 'OpenAI, Go', 'github.com/openai/openai-go/v3 github.com/openai/openai-go/v3/option', OPENAI, [
    `  client := openai.NewClient(option.WithBaseURL("${OPENAI}"), option.WithAPIKey("{{KEY}}"))`,
    '  answer, err := client.Chat.Completions.New(context.Background(), openai.ChatCompletionNewParams{',
    '    Model:    "{{MODEL}}",',
    '    Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")},',
    '  })',
    ...IF_FAILED,
    '  fmt.Println(answer.Choices[0].Message.Content)',
  ]),
  go(
    'anthropic-go',
    'Anthropic, Go',
    'github.com/anthropics/anthropic-sdk-go github.com/anthropics/anthropic-sdk-go/option',
    '{{BASE}}',
    [
      '  client := anthropic.NewClient(option.WithBaseURL("{{BASE}}"), option.WithAPIKey("{{KEY}}"))',
      '  answer, err := client.Messages.New(context.Background(), anthropic.MessageNewParams{',
      '    Model:     "{{MODEL}}",',
      '    MaxTokens: 1024,',
      '    Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Hello"))},',
      '  })',
      ...IF_FAILED,
      '  fmt.Println(answer.Content[0].Text)',
    ],
  ),
  go('genai-go', 'Google Gen AI, Go', 'google.golang.org/genai', '{{BASE}}', [
    '  ctx := context.Background()',
    '  client, err := genai.NewClient(ctx, &genai.ClientConfig{',
    '    APIKey:      "{{KEY}}",',
    '    Backend:     genai.BackendGeminiAPI,',
    '    HTTPOptions: genai.HTTPOptions{BaseURL: "{{BASE}}"},',
    '  })',
    ...IF_FAILED,
    '  answer, err := client.Models.GenerateContent(ctx, "{{MODEL}}", genai.Text("Hello"), nil)',
    ...IF_FAILED,
    '  fmt.Println(answer.Text())',
  ]),
  java(
    'openai-java',
    'OpenAI, Java',
    'com.openai:openai-java',
    OPENAI,
    ['com.openai.client.okhttp.OpenAIOkHttpClient', 'com.openai.models.chat.completions.ChatCompletionCreateParams'],
    [
      `    var client = OpenAIOkHttpClient.builder().baseUrl("${OPENAI}").apiKey("{{KEY}}").build();`,
      '    var question = ChatCompletionCreateParams.builder().model("{{MODEL}}").addUserMessage("Hello").build();',
      '    var answer = client.chat().completions().create(question);',
      '    System.out.println(answer.choices().get(0).message().content().orElse(""));',
      '    client.close();',
    ],
  ),
  java(
    'anthropic-java',
    'Anthropic, Java',
    'com.anthropic:anthropic-java',
    '{{BASE}}',
    ['com.anthropic.client.okhttp.AnthropicOkHttpClient', 'com.anthropic.models.messages.MessageCreateParams'],
    [
      '    var client = AnthropicOkHttpClient.builder().baseUrl("{{BASE}}").apiKey("{{KEY}}").build();',
      '    var question = MessageCreateParams.builder().model("{{MODEL}}").maxTokens(1024).addUserMessage("Hello").build();',
      '    var answer = client.messages().create(question);',
      '    System.out.println(answer.content().get(0).asText().text());',
      '    client.close();',
    ],
  ),
  java(
    'genai-java',
    'Google Gen AI, Java',
    'com.google.genai:google-genai',
    '{{BASE}}',
    ['com.google.genai.Client', 'com.google.genai.types.HttpOptions'],
    [
      '    var relay = HttpOptions.builder().baseUrl("{{BASE}}").build();',
      '    var client = Client.builder().apiKey("{{KEY}}").httpOptions(relay).build();',
      '    System.out.println(client.models.generateContent("{{MODEL}}", "Hello", null).text());',
      '    client.close();',
    ],
  ),
];
