// HMAC-SHA256, the only cryptography that signatures need.
import { createHmac } from 'node:crypto';

export const hmacSha256 = (key: Uint8Array, text: string): Uint8Array =>
  createHmac('sha256', key).update(text).digest();
