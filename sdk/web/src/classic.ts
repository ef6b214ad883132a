// What the classic script puts on the page: one name. No helper of the bundler is needed for it, and so nothing of the
// page's that the page may have changed.
import { createIpse, start } from './ipse.ts';

(globalThis as { ipse?: unknown }).ipse = { createIpse, start };
