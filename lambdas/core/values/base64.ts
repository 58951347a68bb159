// Base64 without Node's Buffer: for headers, which pad it, and for password hashes, which do not.

/** The bytes, or undefined when the text is no base64. Padding may be left out. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(bare), (character) => character.charCodeAt(0));
}

/** Without padding by default, as in password hashes; signatures are padded. */
export function base64OfBytes(bytes: Uint8Array, { isPadded = false } = {}): string {
  const padded = btoa(String.fromCharCode(...bytes));
  return isPadded ? padded : padded.replace(/=+$/, '');
}
