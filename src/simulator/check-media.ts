/** What is asked of models that speak, paint and hear. */
import { invalidArgument } from './google-error.ts';
import type { Model } from './models.ts';
import { readRecording } from './sound.ts';
import { fieldsListOf, fieldsOf, listOf, stringOf, type Fields } from './values.ts';

const VOICES = (
  'achernar achird algenib algieba alnilam aoede autonoe callirrhoe charon despina enceladus erinome fenrir gacrux ' +
  'iapetus kore laomedeia leda orus puck pulcherrima rasalgethi sadachbia sadaltager schedar sulafat umbriel ' +
  'vindemiatrix zephyr zubenelgenubi'
).split(' ');

/** Refused from 3.8 on; the models before take and ignore them. */
const STEERING = ['temperature', 'topP', 'topK'];

/** A model that speaks says nothing but sound, and no other does. */
export const checkSpeech = (model: Model, config: Fields, request: Fields): void => {
  const modalities = listOf(config.responseModalities);
  if (model.kind !== 'speech') {
    if (!modalities.includes('AUDIO')) return;
    throw invalidArgument('Model does not support the requested response modalities: audio');
  }
  if (modalities.length !== 1 || modalities[0] !== 'AUDIO') {
    throw invalidArgument(
      'The requested combination of response modalities is not supported by the model. Supported: AUDIO.',
    );
  }
  const steered = model.generation === '3' ? STEERING.find((name) => config[name] !== undefined) : undefined;
  if (steered !== undefined) throw invalidArgument(`${steered} is not supported by this model.`);
  if (listOf(request.tools).length > 0) throw invalidArgument('Tool use is not supported by this model.');
  const parts = fieldsListOf(request.contents).flatMap((content) => fieldsListOf(content.parts));
  if (parts.some((part) => part.text === undefined)) {
    throw invalidArgument('Only text input is supported by this model.');
  }
  if (model.generation !== '3' && parts.some((part) => part.speechMetadata !== undefined)) {
    throw invalidArgument('speech_metadata is not supported by this model.');
  }
  const { voiceConfig } = fieldsOf(config.speechConfig);
  if (voiceConfig === undefined) return;
  const voice = stringOf(fieldsOf(fieldsOf(voiceConfig).prebuiltVoiceConfig).voiceName);
  if (VOICES.includes(voice.toLowerCase())) return;
  throw invalidArgument(`Voice name ${voice} is not supported. Allowed voice names are: ${VOICES.join(', ')}`);
};

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
const SIZES = ['1K', '2K', '4K'];

export const checkPainting = (model: Model, { aspectRatio, imageSize }: Fields): void => {
  if (aspectRatio === undefined && imageSize === undefined) return;
  if (model.kind !== 'image') throw invalidArgument('Image config is not supported for this model.');
  if (aspectRatio !== undefined && !RATIOS.includes(stringOf(aspectRatio))) {
    throw invalidArgument(`aspect_ratio must be one of ${RATIOS.join(', ')}.`);
  }
  if (imageSize === undefined) return;
  if (model.generation !== '3') throw invalidArgument('image_size is not supported for this model.');
  if (!SIZES.includes(stringOf(imageSize))) throw invalidArgument(`image_size must be one of ${SIZES.join(', ')}.`);
};

/** A recording is listened to. */
export const checkRecording = ({ mimeType, data }: Fields): void => {
  if (stringOf(mimeType) !== 'audio/wav' || readRecording(stringOf(data))) return;
  throw invalidArgument('Unable to process input audio. Please retry or report.');
};
