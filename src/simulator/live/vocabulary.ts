/** The messages of the Live API, over those of the Gemini API. */
import { VOCABULARIES } from '../vocabulary.ts';
import type { Vocabulary } from '../vocabulary.ts';

export type LiveDoor = 'gemini-api' | 'vertex';

export const liveVocabulary = (door: LiveDoor): Vocabulary => ({
  ...VOCABULARIES[door],
  messages: {
    ...VOCABULARIES[door].messages,
    BidiGenerateContentClientMessage: {
      setup: 'BidiGenerateContentSetup',
      clientContent: 'BidiGenerateContentClientContent',
      realtimeInput: 'BidiGenerateContentRealtimeInput',
      toolResponse: 'BidiGenerateContentToolResponse',
    },
    BidiGenerateContentSetup: {
      ...{ model: 'string', generationConfig: 'GenerationConfig', systemInstruction: 'Content', tools: 'Tool[]' },
      ...{ realtimeInputConfig: 'struct', sessionResumption: 'SessionResumptionConfig' },
      ...{ contextWindowCompression: 'struct', inputAudioTranscription: 'struct', outputAudioTranscription: 'struct' },
      ...{ proactivity: 'struct', historyConfig: 'struct' },
    },
    SessionResumptionConfig: { handle: 'string' },
    BidiGenerateContentClientContent: { turns: 'Content[]', turnComplete: 'bool' },
    BidiGenerateContentRealtimeInput: {
      ...{ mediaChunks: 'Blob[]', audio: 'Blob', video: 'Blob', text: 'string' },
      ...{ activityStart: 'Empty', activityEnd: 'Empty', audioStreamEnd: 'bool' },
    },
    BidiGenerateContentToolResponse: { functionResponses: 'FunctionResponse[]' },
    // As in `v1beta1`, the only version that has it.
    FunctionResponse: { ...VOCABULARIES[door].messages['FunctionResponse'], id: 'string' },
  },
});
