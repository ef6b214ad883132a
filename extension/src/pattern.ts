// Match patterns, the browsers' own language for "these pages": scheme://host/path, where the host may begin with "*." and
// the path may hold "*". Only a part of the language is taken: a pattern that could mean the whole web is refused.

/** Reports whether one of the patterns covers a page. Patterns are those that patternProblem finds nothing wrong with. */
export function covers(patterns: readonly string[], address: string): boolean {
  let page: URL;
  try {
    page = new URL(address);
  } catch {
    return false;
  }
  return patterns.some((p) => {
    const parts = split(p);
    return parts !== undefined && matches(parts, page);
  });
}

/** What is wrong with a pattern: the name of a message for the person who administers it; undefined when it is well. */
export function patternProblem(pattern: string, portsAllowed: boolean): string | undefined {
  const parts = split(pattern);
  if (!parts) return 'problemPatternForm';
  const { host, port } = parts;
  if (port !== '' && !portsAllowed) return 'problemPatternPort';
  const name = host.replace(/^\*\./, '');
  if (name.includes('*') || name === '') return 'problemPatternHost';
  if (host !== name && !/[^.]\.[^.]/.test(name)) return 'problemPatternHost'; // *.com
  try {
    // Browsers compare with the host as they write it: small letters, Punycode, four numbers.
    if (new URL(`http://${name}/`).hostname !== name) return 'problemPatternHost';
  } catch {
    return 'problemPatternHost';
  }
  return undefined;
}

/** The pattern of everything at an address's origin, which is what a host permission names. */
export function originPattern(address: string, portsAllowed: boolean): string {
  const { protocol, hostname, host } = new URL(address);
  return `${protocol}//${portsAllowed ? host : hostname}/*`;
}

interface Parts {
  scheme: string;
  host: string;
  port: string;
  path: string;
}

function split(pattern: string): Parts | undefined {
  const found = /^(https?):\/\/(\*\.[^/*:\s]+|[^/:\s]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?(\/[^\s#]*)$/.exec(pattern);
  if (!found) return undefined;
  const [, scheme = '', host = '', port = '', path = ''] = found;
  return { scheme, host, port, path };
}

function matches({ scheme, host, port, path }: Parts, page: URL): boolean {
  if (page.protocol !== `${scheme}:`) return false;
  if (port !== '' && port !== (page.port || (scheme === 'https' ? '443' : '80'))) return false;
  if (host.startsWith('*.')) {
    const name = host.slice(2);
    if (page.hostname !== name && !page.hostname.endsWith(`.${name}`)) return false;
  } else if (page.hostname !== host) {
    return false;
  }
  return globMatches(path, page.pathname + page.search);
}

/** Matches "*" against anything, without backtracking: each piece is looked for behind the one before. */
function globMatches(glob: string, text: string): boolean {
  const [head = '', ...rest] = glob.split('*');
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
