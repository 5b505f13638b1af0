import { isObject } from '../../json.ts';
import type { RemoteImageUrl } from '../remote-images.ts';
import { notTooMany } from '../remote-images.ts';
import { listParts, remoteImageOf } from './content.ts';

const NO_IMAGES: readonly RemoteImageUrl[] = [];

/** The `https:` images of a request, each address once: to be fetched before it is decoded. */
export class LinkedImages {
  #found: Map<string, RemoteImageUrl> | undefined;

  /** `param`: where this content stands. */
  look(content: readonly unknown[], param: string): void {
    for (const [index, item] of content.entries()) {
      // What is no part is for the decoder to refuse, or to take as it is.
      if (!isObject(item) || typeof item['type'] !== 'string' || item['type'] === 'text') continue;
      for (const part of listParts(item, `${param}[${index}]`)) {
        const image = remoteImageOf(part);
        if (image) this.#add(image);
        const inner = part.type === 'tool_result' ? part.fields['content'] : undefined;
        if (Array.isArray(inner)) this.look(inner, `${part.param}.content`);
      }
    }
  }

  /** All that was found. */
  list(): readonly RemoteImageUrl[] {
    return this.#found ? notTooMany([...this.#found.values()]) : NO_IMAGES;
  }

  #add(image: RemoteImageUrl): void {
    this.#found ??= new Map();
    if (!this.#found.has(image.url)) this.#found.set(image.url, image);
  }
}
