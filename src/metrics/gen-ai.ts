/** What metrics and traces call a request, in the words of OpenTelemetry's GenAI conventions. */
export const operationOf = (format: string, isEmbedding: boolean): string =>
  isEmbedding ? 'embeddings' : format === 'gemini' ? 'generate_content' : 'chat';

export const providerOf = (kind: string): string => PROVIDERS[kind] ?? 'gcp.gen_ai';

const PROVIDERS: Readonly<Record<string, string>> = { 'gemini-api': 'gcp.gemini', vertex: 'gcp.vertex_ai' };

/** `gemini-api:spare` is of the kind `gemini-api`. */
export const kindOf = (door: string): string => {
  const colon = door.indexOf(':');
  return colon === -1 ? door : door.slice(0, colon);
};
