/** The metrics that are made of the requests' counts, worked out when they are asked for. */
import type { Catalogue } from '../gemini/catalogue.ts';
import { Distribution } from './distribution.ts';
import { operationOf, providerOf } from './gen-ai.ts';
import { METRICS } from './names.ts';
import type { LabelsOf } from './names.ts';
import type { RequestCounts, Series } from './requests.ts';
import { Sums } from './sums.ts';
import type { Sample } from './sums.ts';

type Histogram =
  'gen_ai_client_token_usage' | 'gen_ai_server_request_duration_seconds' | 'gen_ai_server_time_to_first_token_seconds';

type RequestReadings = {
  readonly [One in 'relay_requests_total' | 'relay_key_requests_total' | 'relay_key_tokens_total']: () => Iterable<
    Sample<One, number>
  >;
} & { readonly [One in Histogram]: () => Iterable<Sample<One, Distribution>> };

export const createRequestReadings = (counts: RequestCounts, catalogue: Pick<Catalogue, 'find'>): RequestReadings => {
  const genAi = ({ format, model, kind }: Series) => ({
    gen_ai_operation_name: operationOf(format, catalogue.find(model)?.model.kind === 'embed'),
    gen_ai_provider_name: providerOf(kind),
    gen_ai_request_model: model,
  });

  return {
    relay_requests_total: () => {
      counts.forgetModels();
      const sums = new Sums<'relay_requests_total', number>();
      for (const { format, model, status, reason, requests } of counts.series) {
        sums.add({ format, model, status, reason }, (before = 0) => before + requests);
      }
      return sums.samples();
    },
    relay_key_requests_total: () =>
      Array.from(counts.keys, ([key, { requests }]) => ({ labels: { key }, value: requests })),
    relay_key_tokens_total: () =>
      Array.from(counts.keys, ([key, { input, output }]) => [
        { labels: { key, type: 'input' }, value: input },
        { labels: { key, type: 'output' }, value: output },
      ]).flat(),
    gen_ai_client_token_usage: () => {
      const merge = createMerge('gen_ai_client_token_usage');
      for (const one of counts.series) {
        merge.add({ ...genAi(one), gen_ai_token_type: 'input' }, one.input);
        merge.add({ ...genAi(one), gen_ai_token_type: 'output' }, one.output);
      }
      return merge.samples();
    },
    gen_ai_server_request_duration_seconds: () => {
      const merge = createMerge('gen_ai_server_request_duration_seconds');
      for (const one of counts.series) merge.add({ ...genAi(one), error_type: one.reason }, one.duration);
      return merge.samples();
    },
    gen_ai_server_time_to_first_token_seconds: () => {
      const merge = createMerge('gen_ai_server_time_to_first_token_seconds');
      for (const one of counts.series) merge.add(genAi(one), one.first);
      return merge.samples();
    },
  };
};

const createMerge = <One extends Histogram>(name: One) => {
  const sums = new Sums<One, Distribution>();
  return {
    add: (labels: LabelsOf<One>, values: Distribution | undefined): void => {
      if (!values) return;
      sums.add(labels, (before = new Distribution(METRICS[name].buckets)) => {
        before.add(values);
        return before;
      });
    },
    samples: () => sums.samples(),
  };
};
