// Keeps the sessions' keys in IndexedDB, where every page and tab of the origin finds them. They are CryptoKeys that cannot
// be extracted: a script can sign with one while it runs here, and carry none away. Nothing else is stored.
import { base64url, type Keys, type SigningKey } from './signer.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const store = 'keys';
/** A session lives a day at most; what is older was never dropped, because no page was there at its end. */
const keptMS = 26 * 3_600_000;

interface Kept {
  pair: CryptoKeyPair;
  madeMS: number;
}

export const keys: Keys = {
  async obtain(session) {
    if (!globalThis.crypto?.subtle) throw new Error('this page is no secure context: it needs https');
    if (typeof indexedDB === 'undefined') throw new Error('this browser keeps no keys');
    const kept = await inStore<Kept>('readonly', (keys) => keys.get(session));
    return usable(kept?.pair ?? (await make(session)));
  },
  async drop(session) {
    await inStore('readwrite', (keys) => keys.delete(session));
  },
};

/** Makes a key and keeps it, unless another page was faster: then that one's is the session's. */
async function make(session: string): Promise<CryptoKeyPair> {
  const mine: Kept = { pair: await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']), madeMS: Date.now() };
  let pair = mine.pair;
  await inStore('readwrite', (keys) => {
    const asked: IDBRequest<Kept | undefined> = keys.get(session);
    asked.onsuccess = () => {
      if (asked.result) pair = asked.result.pair;
      else keys.put(mine, session);
    };
    const every = keys.openCursor();
    every.onsuccess = () => {
      const { result: at } = every;
      if (!at) return;
      if (Math.abs(Date.now() - (at.value as Kept).madeMS) > keptMS) at.delete();
      at.continue();
    };
    return asked;
  });
  return pair;
}

async function usable({ privateKey, publicKey }: CryptoKeyPair): Promise<SigningKey> {
  return {
    point: base64url(await crypto.subtle.exportKey('raw', publicKey)),
    sign: (bytes) => crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes),
  };
}

/** Does something in one transaction. The database is closed again at once: an open one keeps pages from being frozen. */
function inStore<T>(mode: IDBTransactionMode, act: (keys: IDBObjectStore) => IDBRequest): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('ipse', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(store);
    opening.onerror = opening.onblocked = () => reject(opening.error ?? new Error('its store is blocked'));
    opening.onsuccess = () => {
      const db = opening.result;
      try {
        const transaction = db.transaction(store, mode);
        const asked = act(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(asked.result as T | undefined);
        transaction.onabort = () => reject(transaction.error ?? new Error('its store refuses'));
      } catch (thrown) {
        reject(thrown);
      } finally {
        db.close(); // once the transaction is over
      }
    };
  });
}
