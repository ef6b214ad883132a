// What crosses the line: whatever goes in, nothing but the schema's fields comes out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector } from '../src/collector.ts';
import {
  keyRecord, lostRecord, markRecord, motionRecord, phraseKeyRecord, phraseRecord, pointerRecord, touchRecord, untrustedRecord,
  ThinnedRecord,
} from '../src/record.ts';
import { base64, toWire, type Observation } from '../src/observation.ts';
import { models, readText } from './repository.ts';
import { seeded } from './random.ts';
import { observation } from './fakes.ts';
import { Queue } from '../src/queue.ts';
import { bodyOf } from '../src/report.ts';

/** The fields that Go's schema has, with what each may hold. */
const schema: Record<string, (value: unknown) => boolean> = {
  sequence: (v) => Number.isSafeInteger(v) && (v as number) > 0,
  modality: (v) => ['keyboard', 'pointer', 'touch', 'phrase'].includes(v as string),
  model: (v) => v === 'features-1' || v === 'timings-1',
  deviceClass: (v) => v === 'desktop',
  startMS: Number.isSafeInteger,
  durationMS: (v) => Number.isSafeInteger(v) && (v as number) >= 0,
  events: (v) => Number.isSafeInteger(v) && (v as number) >= 6 && (v as number) <= 128,
  embedding: (v) => typeof v === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(v),
  featureList: (v) => ['keyboard-1', 'pointer-1', 'touch-1', 'phrase-1'].includes(v as string),
  features: (v) => Array.isArray(v) && [5, 10, 11].includes(v.length) && v.every(Number.isFinite),
  liveness: (v) => checkLiveness(v as Record<string, unknown>),
  quality: (v) => Array.isArray(v) && v.every((f) => flags.includes(f as string)),
  phrase: (v) => v === undefined || (Number.isInteger(v) && (v as number) >= 1 && (v as number) < 2 ** 31),
};
const flags = ['blurred_clock', 'input_method', 'paste_heavy', 'short_window', 'lost_events', 'simulated', 'broken_phrase'];

function checkLiveness({ measureList, measures, sketch, ...l }: Record<string, unknown>): boolean {
  assert.deepEqual(Object.keys(l).sort(), ['pastes', 'repeatShare', 'timestampQuantumMS', 'untrustedShare']);
  assert.equal(measureList === undefined, measures === undefined, 'measures and their list come together');
  assert(measureList === undefined || /^[a-z]+-liveness-1$/.test(measureList as string), `list ${String(measureList)}`);
  assert(measures === undefined || (measures as number[]).every((m) => Number.isFinite(m) && Math.abs(m) <= 1e6));
  assert(sketch === undefined || /^([A-Za-z0-9+/]{11}=|[A-Za-z0-9+/]{22}==)$/.test(String(sketch)), `sketch ${String(sketch)}`);
  return Object.values(l).every((v) => Number.isFinite(v) && (v as number) >= 0);
}

function check(o: Observation, sequence: number): void {
  const wire = JSON.parse(JSON.stringify(toWire(o, sequence))) as Record<string, unknown>;
  const expected = Object.keys(schema).filter((name) => name !== 'phrase' || o.modality === 'phrase');
  assert.deepEqual(Object.keys(wire).sort(), expected.sort());
  for (const [name, fits] of Object.entries(schema)) {
    assert(fits(wire[name]), `${name} holds ${JSON.stringify(wire[name])}`);
  }
}

test('the schema here is the one of Go', () => {
  const source = readText('internal/observation/observation.go');
  const struct = source.slice(source.indexOf('type Observation struct'));
  const fields = [...struct.matchAll(/`json:"(\w+)[",]/g)].map(([, name = '']) => name);
  assert.deepEqual(fields.sort(), Object.keys(schema).sort());
});

test('random input gives observations of the schema and nothing else', () => {
  let observations = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = seeded(seed);
    const acceptSimulated = random() < 0.5;
    const c = new Collector({ deviceClass: 'desktop', acceptSimulated, models: models() });
    let at = 1000 * random();
    for (let batch = 0; batch < 40; batch++) {
      const records: unknown[] = [];
      for (let i = 0; i < 40; i++) {
        at += random() < 0.005 ? 90_000 : 90 * random();
        const trusted = random() < 0.9;
        const wild = () => (random() < 0.02 ? (random() - 0.5) * 10 ** (300 * random()) : 1000 * random());
        const pick = random();
        if (pick < 0.6) {
          const down = i % 2 === 0;
          records.push(keyRecord({ timeMS: at, keyClass: Math.floor(9 * random()), down, repeat: random() < 0.05, trusted }));
        } else if (pick < 0.95) {
          const e = { timeMS: at, kind: Math.floor(4 * random()), x: wild(), y: wild(), button: 0, wheelX: wild(), wheelY: wild(), trusted };
          records.push(pointerRecord(e));
        } else if (pick < 0.97) {
          records.push(markRecord(at, Math.floor(3 * random())));
          records.push([ThinnedRecord, at, Math.floor(70 * random()), wild(), at + 1, wild(), at - 1, wild(), 0]);
          records.push((random() < 0.5 ? lostRecord : untrustedRecord)(at, Math.floor(4 * random()), Math.floor(3 * random())));
        } else {
          records.push(phraseRecord(at, Math.floor(8 * random()), Math.floor(3 * random()), 6));
        }
        if (random() < 0.5) {
          const e = { timeMS: at, kind: Math.floor(4 * random()), contact: i % 3, x: wild(), y: wild(), radiusPX: wild() / 50, pressure: random(), trusted };
          records.push(touchRecord(e), motionRecord({ timeMS: at, acceleration: [wild(), 3, 9], rotation: [0, wild(), 0] }));
        }
        if (random() < 0.3) {
          records.push(phraseKeyRecord({ timeMS: at, keyClass: Math.floor(2 * random()), down: i % 2 === 0, repeat: false, trusted }));
        }
      }
      for (const o of c.take(records, { eventMS: at, unixMS: 1_800_000_000_000 + at })) check(o, ++observations);
    }
  }
  assert(observations > 200, `only ${observations} observations to check`);
});

test('fields that something else put on an observation stay on the device', () => {
  const o = observation();
  const laden = {
    ...o, text: 'secret', key: 'a', url: 'https://desk.example', title: 'x',
    liveness: { ...o.liveness, code: 'KeyA' }, features: Object.assign([1, 2], { key: 'a' }),
  };
  assert.equal(JSON.stringify(toWire(laden, 1)), JSON.stringify(toWire({ ...o, features: [1, 2] }, 1)));
});

test('a report holds the observations as they are written out, once, under their numbers', () => {
  const queue = new Queue('page');
  const all = [1, 2, 3].map((events) => ({ ...observation(1_000 * events), events }));
  for (const o of all) queue.add(o);
  const { batch, sequences } = queue.foresee(64, 48_000);
  const want = { sentAtMS: 5_000, dropped: 7, observations: all.map((o, i) => toWire(o, i + 1)) };
  assert.equal(bodyOf(batch, sequences, 7, 5_000.4), JSON.stringify(want));
  assert.equal(bodyOf([], [], 0, 1), JSON.stringify({ sentAtMS: 1, dropped: 0, observations: [] }));
  assert.throws(() => queue.add({ ...all[0]!, embedding: undefined as unknown as Int8Array }), /./);
  assert.equal(queue.length, 3);
});

test('an observation takes a few hundred bytes', () => {
  const size = JSON.stringify(toWire({ ...observation(), embedding: new Int8Array(48), features: Array(11).fill(123.4567890123) }, 1)).length;
  assert(size < 900, `${size} bytes`);
});

test('base64 of signed bytes is what Go reads', () => {
  assert.equal(base64(Int8Array.of(0, 1, -1, 127, -128)), 'AAH/f4A=');
  assert.equal(base64(new Int8Array()), '');
});
