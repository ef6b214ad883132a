// Files of the repository that the tests read. The compiled tests lie in sdk/web/.test/test.
import { readFileSync, readdirSync } from 'node:fs';
import type { Standards } from '../src/embed.ts';
import { Models } from '../src/models.ts';

const root = new URL('../../../../', import.meta.url);

export function readJSON(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'));
}

export function readText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

export function readBytes(path: string): ArrayBuffer {
  return new Uint8Array(readFileSync(new URL(path, root))).buffer;
}

export function list(path: string): string[] {
  return readdirSync(new URL(path, root)).sort();
}

/** The weights that the worker carries. */
export function standards(): Standards {
  return {
    ...(readJSON('internal/embed/features-1.json') as Omit<Standards, 'touch'>),
    ...(readJSON('internal/embed/features-1-touch.json') as Pick<Standards, 'touch'>),
  };
}

/** The models of a worker that no network has reached. */
export function models(): Models {
  return new Models(standards());
}
