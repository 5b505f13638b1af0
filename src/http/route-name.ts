/** An address as we name it in the log, never as the client wrote it: that may hold anything. */
export const routeName = (path: string): string => {
  if (MODEL_LIST.test(path)) return path;
  const [, version, verb] = MODEL_METHOD.exec(path) ?? [];
  return version === undefined ? 'unmatched' : `/${version}/models/{model}${verb === undefined ? '' : `:${verb}`}`;
};

const MODEL_LIST = /^(?:\/v1|\/v1beta|\/v1beta\/openai)?\/models$/;
const MODEL_METHOD =
  /^\/(v1|v1beta|v1alpha|v1beta1)\/(?:models|.{0,200}\/models)\/[^:/%]{1,200}(?:(?::|\/|%3A)([A-Za-z]{1,30}))?$/i;
