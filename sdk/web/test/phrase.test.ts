import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector } from '../src/collector.ts';
import { Composition, Paste } from '../src/event.ts';
import { phraseLiveness } from '../src/liveness.ts';
import { base64, type Liveness, type Observation } from '../src/observation.ts';
import { PhraseCutter, phraseFeatures, phraseTimings } from '../src/phrase.ts';
import { phraseFlags } from '../src/quality.ts';
import {
  PhraseBegins, PhraseDropped, PhraseEnds, PhraseMark, PhraseOver, PhraseUntrusted, keyRecord, phraseKeyRecord, phraseRecord,
  type EventRecord,
} from '../src/record.ts';
import { list, models, readJSON } from './repository.ts';

interface Golden {
  positions: number;
  items: { key?: number[]; mark?: number[] }[];
  broken: boolean;
  startMS: number;
  endMS: number;
  marks: { Untrusted: number; Repeats: number; Lost: number; Pastes: number; Compositions: number };
  features: number[];
  embedding: string;
  liveness: Liveness;
  quality: string[];
}

const files = list('testdata/golden/phrases');

test('there are golden phrases', () => assert(files.length >= 8, `only ${files.join(' ')}`));

for (const name of files) {
  test(`phrase ${name} gives what Go gives`, () => {
    const want = readJSON(`testdata/golden/phrases/${name}`) as Golden;
    const c = new PhraseCutter(want.positions);
    for (const { key, mark } of want.items) {
      if (key) {
        const [timeMS = NaN, keyClass = NaN, down, repeat, trusted] = key;
        c.push({ timeMS, keyClass, down: down === 1, repeat: repeat === 1, trusted: trusted === 1 });
      } else if (mark) {
        c.mark(mark[1] ?? NaN);
      }
    }
    c.end();
    const p = c.flush();
    assert(p);
    assert.deepEqual([p.broken, p.startMS, p.endMS], [want.broken, want.startMS, want.endMS]);
    const { untrusted, repeats, lost, pastes, compositions } = p.marks;
    assert.deepEqual(
      { Untrusted: untrusted, Repeats: repeats, Lost: lost, Pastes: pastes, Compositions: compositions }, want.marks);
    assert.equal(base64(phraseTimings(p)), want.embedding);
    const features = phraseFeatures(p);
    assert.equal(features.length, want.features.length);
    want.features.forEach((f, i) => assert(Math.abs((features[i] ?? NaN) - f) < 1e-9, `feature ${i}: ${features[i]}, want ${f}`));
    const liveness = phraseLiveness(p);
    for (const key of ['untrustedShare', 'timestampQuantumMS', 'repeatShare', 'pastes'] as const) {
      assert(Math.abs(liveness[key] - want.liveness[key]) < 1e-9, `${key}: ${liveness[key]}, want ${want.liveness[key]}`);
    }
    assert.deepEqual(phraseFlags(p, liveness, false), want.quality);
  });
}

const now = { eventMS: 10_000, unixMS: 1_700_000_010_000 };

function collector(acceptSimulated = false): Collector {
  return new Collector({ deviceClass: 'desktop', acceptSimulated, models: models() });
}

/** Twelve strokes, the phrase's or a window's. */
function strokes(record: (e: { timeMS: number; keyClass: number; down: boolean; repeat: boolean; trusted: boolean }) => EventRecord, n = 12, trusted = true) {
  return Array.from({ length: n }, (_, i) => [true, false].map((down) =>
    record({ timeMS: 1_000 + i * 150 + (down ? 0 : 80), keyClass: 0, down, repeat: false, trusted }))).flat();
}

const begin = phraseRecord(900, PhraseBegins, 7, 12);
const end = phraseRecord(9_000, PhraseEnds);

test('a phrase becomes one observation of its own, and part of no window', () => {
  const c = collector();
  c.take(strokes(keyRecord, 20), now);
  const [o, ...more] = c.take([begin, ...strokes(phraseKeyRecord), end], now);
  assert.equal(more.length, 0);
  assert.deepEqual([o?.modality, o?.phrase, o?.events, o?.embedding.length, o?.model], ['phrase', 7, 12, 23, 'timings-1']);
  assert.deepEqual([o?.startMS, o?.durationMS, o?.quality], [1_700_000_001_000, 1_730, []]);
  assert.deepEqual(c.take([phraseRecord(12_000, PhraseOver)], now), []);
  const later = strokes(keyRecord, 10).map((r) => [r[0] ?? 0, (r[1] ?? 0) + 8_000, ...r.slice(2)]);
  assert.equal(c.take(later, now)[0]?.events, 30);
});

test('what was not typed straight through says so and tells no timing', () => {
  const broken: Record<string, EventRecord[]> = {
    'too few strokes': strokes(phraseKeyRecord, 11),
    'too many': strokes(phraseKeyRecord, 13),
    'a paste': [...strokes(phraseKeyRecord), phraseRecord(8_000, PhraseMark, Paste)],
    'an input method': [...strokes(phraseKeyRecord), phraseRecord(8_000, PhraseMark, Composition)],
    'a password manager': [...strokes(phraseKeyRecord), phraseRecord(8_000, PhraseUntrusted)],
  };
  for (const [name, records] of Object.entries(broken)) {
    const [o] = collector().take([begin, ...records, end], now);
    assert(o, name);
    assert(o.quality.includes('broken_phrase'), `${name}: ${o.quality.join(' ')}`);
    assert(o.embedding.every((x) => x === -128) && o.features.every((x) => x === 0), name);
  }
  assert.deepEqual(collector().take([begin, ...strokes(phraseKeyRecord, 12, false), end], now), []);
  assert.deepEqual(collector(true).take([begin, ...strokes(phraseKeyRecord, 12, false), end], now)[0]?.quality, ['simulated']);
});

test('what the page drops, never typed or never asked for rightly gives nothing', () => {
  const none = (records: EventRecord[]): Observation[] => collector().take(records, now);
  assert.deepEqual(none([begin, ...strokes(phraseKeyRecord), phraseRecord(9_000, PhraseDropped), end]), []);
  assert.deepEqual(none([begin, end]), []);
  assert.deepEqual(none([begin, ...strokes(phraseKeyRecord), phraseRecord(9_000, PhraseOver)]), []);
  for (const [number, positions] of [[0, 12], [1.5, 12], [2 ** 31, 12], [1, 5], [1, 65], [1, 7.5], [NaN, NaN]]) {
    assert.deepEqual(none([phraseRecord(0, PhraseBegins, number, positions), ...strokes(phraseKeyRecord), end]), []);
  }
  assert.deepEqual(none([phraseRecord(0, 99), phraseRecord(0, PhraseMark, 99), end]), []);
});

test('a key that is still held is waited for', () => {
  const all = strokes(phraseKeyRecord);
  const c = collector();
  assert.deepEqual(c.take([begin, ...all.slice(0, -1), end], now), []);
  assert.deepEqual(c.take(all.slice(-1), now)[0]?.quality, []);
  const never = collector();
  never.take([begin, ...all.slice(0, -1), end], now);
  assert.deepEqual(never.take([phraseRecord(12_000, PhraseOver)], now)[0]?.quality, ['lost_events', 'broken_phrase']);
});
