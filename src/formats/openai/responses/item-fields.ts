/** Which fields of an item say something to the model; the others are told as ignored. */
import type { Ignored } from '../../../conversation/ignored.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { CODEX_NOTES } from '../chat/messages.ts';
import { SIGNATURE_FIELDS } from '../chat/signature-echo.ts';

/** Where each kind of call keeps its arguments. */
export const ARGUMENTS: Readonly<Record<string, string>> = {
  function_call: 'arguments',
  custom_tool_call: 'input',
  tool_search_call: 'arguments',
  local_shell_call: 'action',
  shell_call: 'action',
  computer_call: 'action',
  apply_patch_call: 'operation',
};

/** `status` is the API's own word for an item that is at its end. */
const OF_EACH = ['type', 'id', 'status', CODEX_NOTES] as const;
const OF_CALLS: ReadonlySet<string> = new Set([...OF_EACH, 'call_id', 'name', 'namespace', ...SIGNATURE_FIELDS]);
const OF_OUTPUTS: ReadonlySet<string> = new Set([...OF_EACH, 'call_id', 'name', 'namespace', 'output']);

/** Of the kinds whose fields are the same wherever they come from. */
const OF_OTHERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  // Thoughts in words are never replayed: of these items the signature is read.
  ['reasoning', new Set([...OF_EACH, 'summary', 'content', 'encrypted_content'])],
  ['tool_search_output', new Set([...OF_EACH, 'call_id', 'tools'])],
  ['compaction', new Set([...OF_EACH, 'encrypted_content'])],
  ['compaction_summary', new Set([...OF_EACH, 'encrypted_content'])],
  ['image_generation_call', new Set([...OF_EACH, 'result', 'output_format'])],
]);

const CALLS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(ARGUMENTS).map(([type, name]) => [
    type,
    new Set([...OF_CALLS, name, ...(type === 'computer_call' ? ['actions'] : [])]),
  ]),
);

const OUTPUT = /_call_output$/;

export const isOutput = (type: string): boolean => OUTPUT.test(type);

/** Nothing for parts, which note theirs where they are read, nor for kinds that are ignored as a whole. */
export const noteItemFields = (type: string, item: JsonObject, param: string, ignored: Ignored): void => {
  const known = CALLS.get(type) ?? OF_OTHERS.get(type) ?? (isOutput(type) ? OF_OUTPUTS : undefined);
  if (!known) return;
  ignored.restOfEach(item, known, param);
  // A tool that broke off is said to the model by its output alone.
  if (item['status'] === 'incomplete') ignored.addOfEach(`${param}.status`);
};
