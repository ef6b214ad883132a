// Reads what the server answers. Nothing about it is taken on trust: a captive portal answers 200 with a web page.
import type { Answer, Directive, ReferenceMaturity, Risk, RiskLevel } from './api.ts';
import { wantedOf, type Wanted } from './wanted.ts';

/** A reply to a report that was taken. */
export interface Reply {
  risk: Risk;
  acceptedThrough: number;
  /** Seconds until the next report; undefined when the server did not say. */
  reportAfterSeconds: number | undefined;
  collectorToken: string | undefined;
  /** The models that windows are to be embedded by; empty when the server leaves that to the collector. */
  models: Wanted;
}

const levels: readonly RiskLevel[] = ['LOW', 'MEDIUM', 'HIGH'];
const answers: readonly Answer[] = ['same_person', 'someone_else', 'cannot_tell'];
const directives: readonly Directive[] = ['step_up', 'lock', 'stop'];

const longestToken = 8_192;

/** Gives the reply, or undefined if this is none. Directives that this version does not know are passed over. */
export function parseReply(text: string): Reply | undefined {
  const body = parseObject(text);
  const acceptedThrough = sequenceOf(body?.['acceptedThrough']);
  const riskLevel = oneOf(levels, body?.['riskLevel']);
  if (!body || acceptedThrough === undefined || !riskLevel) return undefined;
  return {
    risk: {
      riskLevel,
      answer: oneOf(answers, body['answer']) ?? 'cannot_tell',
      directives: list(body['directives']).flatMap((d) => oneOf(directives, d) ?? []),
      references: list(body['references']).flatMap((r) => maturityOf(r) ?? []),
    },
    acceptedThrough,
    reportAfterSeconds: bounded(body['reportAfterSeconds'], 1, 300),
    collectorToken: tokenOf(body['collectorToken']),
    models: wantedOf(body['models']),
  };
}

/** A problem document (RFC 9457), as far as a collector needs it. */
export interface Problem {
  type: string;
  detail: string;
  acceptedThrough: number | undefined;
  signedThrough: number | undefined;
}

/** Gives what can be read of a problem document; empty where nothing can. */
export function parseProblem(text: string): Problem {
  const body = parseObject(text);
  const word = (value: unknown) => (typeof value === 'string' ? value.slice(0, 300) : '');
  return {
    type: word(body?.['type']),
    detail: word(body?.['detail']) || word(body?.['title']),
    acceptedThrough: sequenceOf(body?.['acceptedThrough']),
    signedThrough: sequenceOf(body?.['signedThrough']),
  };
}

/** Gives the seconds of a Retry-After header, which is a number or a date; undefined when there is none. */
export function retryAfterSeconds(header: string | null, nowMS: number): number | undefined {
  if (!header) return undefined;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - nowMS) / 1000;
  return bounded(seconds, 1, 600);
}

/** Gives the token, or undefined for what could not be sent as one in a header. */
export function tokenOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= longestToken && /^[\x21-\x7e]+$/.test(value) ? value : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function sequenceOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 52
    ? (value as number)
    : undefined;
}

function bounded(value: unknown, low: number, high: number): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : undefined;
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((k) => k === value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, 32) : [];
}

function maturityOf(value: unknown): ReferenceMaturity | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { modality, maturity } = value as Record<string, unknown>;
  const share = bounded(maturity, 0, 1);
  return typeof modality === 'string' && share !== undefined ? { modality, maturity: share } : undefined;
}
