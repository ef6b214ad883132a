// Which behaviour models the server wants windows to be embedded by, as its replies name them.
import type { Modality } from './observation.ts';

/** The models of each modality, in the server's order; a modality that is not there is left to the collector. */
export type Wanted = Partial<Record<Modality, readonly string[]>>;

const modalities: readonly Modality[] = ['keyboard', 'pointer', 'touch'];

/** More than a transition between two needs; what is behind them is passed over. */
const mostModels = 4;

/** Reads what a reply or a message holds; whatever is not the name of a model is passed over. Names become addresses. */
export function wantedOf(value: unknown): Wanted {
  const out: Wanted = {};
  if (value === null || typeof value !== 'object') return out;
  for (const modality of modalities) {
    const names = (value as Record<string, unknown>)[modality];
    const known = Array.isArray(names) ? [...new Set(names.slice(0, mostModels).filter(isModelName))] : [];
    if (known.length > 0) out[modality] = known;
  }
  return out;
}

/** Every model that is wanted for some modality, once. */
export function namesOf(wanted: Wanted): string[] {
  return [...new Set(modalities.flatMap((m) => wanted[m] ?? []))];
}

function isModelName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(value);
}
