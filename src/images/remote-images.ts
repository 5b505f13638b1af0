export interface RemoteImage {
  readonly mimeType: string;
  /** base64 */
  readonly data: string;
}

/** Images that a client named by address instead of sending them. */
export interface RemoteImages {
  /** Throws RelayError INVALID_ARGUMENT, reason `invalid_image_url` or `remote_images_disabled`. */
  fetch(url: string, signal: AbortSignal): Promise<RemoteImage>;
}
