// What the classic script puts on the page: one name. No helper of the bundler is needed for it, and so nothing of the
// page's that the page may have changed.
import type { Options } from './api.ts';
import { browser } from './browser.ts';
import { make } from './make.ts';
import { currentScript, tried } from './pristine.ts';
import type { Reporting } from './reporting.ts';

// Read by the getter itself: an element of the page may go by the name document.currentScript.
const from = tried(currentScript, globalThis.document)?.src;

const load = (address: string) => import(address) as Promise<Reporting>;

/** Loads the second script from beside this one, or from the endpoint where it does not lie there. */
const reporting = (atEndpoint: string) =>
  from ? load(new URL('ipse-session.mjs', from).href).catch(() => load(atEndpoint)) : load(atEndpoint);

const createIpse = (options: Options) => make(options, { ...browser, reporting });

(globalThis as { ipse?: unknown }).ipse = { createIpse, start: (options: Options) => createIpse(options).start() };
