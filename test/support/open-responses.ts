/**
 * What the open specification "Open Responses" demands of a response and of the events of a stream: every field that
 * it calls required, with the values that it allows. Written from the specification (2026-04-24), not from our code.
 */
import { z } from 'zod';

const whole = z.number().int();
const nullable = <T extends z.ZodType>(type: T) => z.union([type, z.null()]);
const status = z.enum(['in_progress', 'completed', 'incomplete']);

const citation = z.object({
  type: z.literal('url_citation'),
  url: z.string(),
  start_index: whole,
  end_index: whole,
  title: z.string(),
});
const tokenChance = { token: z.string(), logprob: z.number(), bytes: z.array(whole) };
const logprobs = z.array(z.object({ ...tokenChance, top_logprobs: z.array(z.object(tokenChance)) }));
const outputText = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(citation),
  logprobs: logprobs.optional(),
});
const textOf = (type: string) => z.object({ type: z.literal(type), text: z.string() });
const part = z.union([
  outputText,
  ...['input_text', 'text', 'summary_text', 'reasoning_text'].map(textOf),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
]);

const item = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: z.string(),
    status,
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content: z.array(part),
  }),
  z.object({
    type: z.literal('function_call'),
    id: z.string(),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    status,
  }),
  z.object({
    type: z.literal('reasoning'),
    id: z.string(),
    content: z.array(part).optional(),
    summary: z.array(part),
    encrypted_content: z.string().optional(),
  }),
  z.object({ type: z.literal('compaction'), id: z.string(), encrypted_content: z.string() }),
]);

const functionTool = z.object({
  type: z.literal('function'),
  name: z.string(),
  description: nullable(z.string()),
  parameters: nullable(z.record(z.string(), z.unknown())),
  strict: nullable(z.boolean()),
});
const choiceMode = z.enum(['none', 'auto', 'required']);
const functionChoice = z.object({ type: z.literal('function'), name: z.string().optional() });
const usage = z.object({
  input_tokens: whole,
  output_tokens: whole,
  total_tokens: whole,
  input_tokens_details: z.object({ cached_tokens: whole }),
  output_tokens_details: z.object({ reasoning_tokens: whole }),
});
const reasoning = z.object({
  effort: nullable(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
  summary: nullable(z.enum(['concise', 'detailed', 'auto'])),
});
const format = z.union([
  z.object({ type: z.enum(['text', 'json_object']) }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string(),
    description: nullable(z.string()),
    schema: z.unknown(),
    strict: z.boolean(),
  }),
]);

export const openResponse = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: whole,
  completed_at: nullable(whole),
  status: z.string(),
  incomplete_details: nullable(z.object({ reason: z.string() })),
  model: z.string(),
  previous_response_id: nullable(z.string()),
  instructions: nullable(z.string()),
  output: z.array(item),
  error: nullable(z.object({ code: z.string(), message: z.string() })),
  tools: z.array(functionTool),
  tool_choice: z.union([
    choiceMode,
    functionChoice,
    z.object({ type: z.literal('allowed_tools'), tools: z.array(functionChoice), mode: choiceMode }),
  ]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.object({ format, verbosity: z.enum(['low', 'medium', 'high']).optional() }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: whole,
  temperature: z.number(),
  reasoning: nullable(reasoning),
  usage: nullable(usage),
  max_output_tokens: nullable(whole),
  max_tool_calls: nullable(whole),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: z.string(),
  metadata: z.unknown(),
  safety_identifier: nullable(z.string()),
  prompt_cache_key: nullable(z.string()),
});

const event = (type: string, fields: z.ZodRawShape) =>
  z.looseObject({ type: z.literal(`response.${type}`), sequence_number: whole, ...fields });
const about = { item_id: z.string(), output_index: whole };
const ofContent = { ...about, content_index: whole };
const ofSummary = { ...about, summary_index: whole };

export const openEvent = z.union([
  ...['created', 'queued', 'in_progress', 'completed', 'failed', 'incomplete'].map((type) =>
    event(type, { response: openResponse }),
  ),
  ...['output_item.added', 'output_item.done'].map((type) =>
    event(type, { output_index: whole, item: nullable(item) }),
  ),
  ...['content_part.added', 'content_part.done'].map((type) => event(type, { ...ofContent, part })),
  event('output_text.delta', { ...ofContent, delta: z.string(), logprobs: logprobs.optional() }),
  event('output_text.done', { ...ofContent, text: z.string(), logprobs: logprobs.optional() }),
  event('output_text.annotation.added', { ...ofContent, annotation_index: whole, annotation: nullable(citation) }),
  event('refusal.delta', { ...ofContent, delta: z.string() }),
  event('refusal.done', { ...ofContent, refusal: z.string() }),
  ...['reasoning_summary_part.added', 'reasoning_summary_part.done'].map((type) => event(type, { ...ofSummary, part })),
  event('reasoning_summary_text.delta', { ...ofSummary, delta: z.string() }),
  event('reasoning_summary_text.done', { ...ofSummary, text: z.string() }),
  event('function_call_arguments.delta', { ...about, delta: z.string() }),
  event('function_call_arguments.done', { ...about, arguments: z.string() }),
]);

export type OpenResponse = z.infer<typeof openResponse>;
