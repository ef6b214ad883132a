// How the desk carries ipse: the script tag in the page gives the global `ipse`, and this is the one call. Everything
// else here shows what ipse says, and locks the desk when it asks for that.

/** Starts ipse for the session that the desk's back end opened. */
export function startIpse(config, show) {
  if (!globalThis.ipse) {
    show({ state: 'off' });
    return undefined;
  }
  const collector = globalThis.ipse.createIpse({
    endpoint: config.endpoint,
    token: config.token,
    renewToken: async () => (await post('/ipse/token')).token,
    acceptSimulated: true, // this page only: its colleagues are generated
  });
  collector.on('error', (problem) => console.warn('ipse:', problem.code, problem.message));
  collector.on('risk', (risk) => show(read(risk)));
  collector.on('state', (state) => {
    if (state === 'offline') show({ state: 'off' });
  });
  return collector.start();
}

/** What a reply of the server means for the indicator. */
export function read(risk) {
  const maturity = Object.fromEntries(risk.references.map((r) => [r.modality, r.maturity]));
  const keyboard = maturity.keyboard ?? 0;
  const pointer = maturity.pointer ?? 0;
  if (risk.riskLevel === 'HIGH' || risk.directives.includes('lock')) return { state: 'locked' };
  if (risk.riskLevel === 'MEDIUM') return { state: 'unsure' };
  if (keyboard < 1 && pointer < 1) return { state: 'learning', keyboard, pointer };
  const whole = keyboard >= 1 && pointer >= 1;
  return { state: risk.answer === 'same_person' ? 'known' : 'compare', keyboard, pointer, whole };
}

/** Posts to the desk's own back end and gives its answer. */
export async function post(path, fields = {}) {
  const response = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
  if (!response.ok) throw new Error(`${path}: status ${response.status}`);
  return response.json();
}
