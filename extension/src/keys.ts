// The session's signing key, in memory. One host sends for all pages, so that nothing needs to find the key again, and
// nothing of it is written to the disk.
import { base64url, type Keys, type SigningKey } from '../../sdk/web/src/signer.ts';

export function memoryKeys(): Keys {
  const held = new Map<string, Promise<SigningKey>>();
  return {
    obtain(session) {
      let key = held.get(session);
      if (!key) held.set(session, (key = make()));
      return key;
    },
    async drop(session) {
      held.delete(session);
    },
  };
}

async function make(): Promise<SigningKey> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  return {
    point: base64url(await crypto.subtle.exportKey('raw', publicKey)),
    sign: (bytes) => crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes),
  };
}
