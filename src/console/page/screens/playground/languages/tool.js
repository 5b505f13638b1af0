/** A tool to try calls with: nobody runs it, one sees what a model would ask of it. */
export const TOOL = {
  name: 'get_weather',
  description: 'The weather in a city, now.',
  schema: {
    type: 'object',
    properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
    required: ['city'],
  },
};

/** The output limit that Anthropic's clients must name. */
export const MOST_TOKENS = 8192;
