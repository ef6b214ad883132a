// What differs between the two builds. The build puts the constant in; nothing else asks which browser this is.
declare const IPSE_TARGET: 'chromium' | 'firefox';

const firefox = IPSE_TARGET === 'firefox';

/** Firefox's match patterns have no ports. */
export const portsAllowed = !firefox;

/** Firefox lets its background page go after half a minute in which it hears nothing, Chromium's offscreen document stays. */
export const pageSaysItLives = firefox;
