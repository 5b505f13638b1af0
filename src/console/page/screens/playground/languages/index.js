import { chat } from './chat.js';
import { gemini } from './gemini.js';
import { messages } from './messages.js';
import { responses } from './responses.js';

export const CLIENT_LANGUAGES = [chat, responses, messages, gemini];
