// Words of the extension's own pages, in the language of the browser.

/** Gives the message of a name. */
export function words(name: string, ...substitutions: string[]): string {
  return chrome.i18n.getMessage(name, substitutions) || name;
}

/** Fills in every element that names its message, and says which language the page is in. */
export function translate(): void {
  document.documentElement.lang = words('language');
  document.title = words(document.documentElement.dataset.title ?? 'name');
  for (const element of document.querySelectorAll<HTMLElement>('[data-words]')) {
    element.textContent = words(element.dataset.words ?? '');
  }
}

/** A moment of the recent past, as people say it, and exactly. */
export function moment(atMS: number, nowMS: number): { ago: string; exact: string } {
  const language = words('language');
  const seconds = Math.max(0, Math.round((nowMS - atMS) / 1000));
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const ago =
    seconds < 60 ? format.format(-seconds, 'second')
    : seconds < 3600 ? format.format(-Math.round(seconds / 60), 'minute')
    : format.format(-Math.round(seconds / 3600), 'hour');
  return { ago, exact: new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(atMS) };
}
