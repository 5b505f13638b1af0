/** What whoever names a file can do: Anthropic's own API of files is not served, and that of OpenAI's form is. */
export const FILE_FIX =
  'Send a file in its message, as base64 or by its url. Or upload it in the form of the OpenAI API (POST /v1/files, ' +
  'without the header anthropic-version), and name the id from that answer as `file_id`.';
