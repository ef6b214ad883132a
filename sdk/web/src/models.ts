// The behaviour models that the worker has, and which of them embed a window: those that the server wants, as far as they
// are there, and the plain model where none is. So the collector measures from the first event on, whether a network
// arrives or not, and during a transition it computes the old and the new model.
import { Model, embedKeyboard, embedPointer, embedTouch, type Standards } from './embed.ts';
import type { KeyboardWindow } from './keyboardwindow.ts';
import { Network } from './network.ts';
import { parseWeights } from './networkweights.ts';
import type { Modality } from './observation.ts';
import type { PointerWindow } from './pointerwindow.ts';
import { TouchNetwork } from './touchnetwork.ts';
import type { TouchWindow } from './touchwindow.ts';
import type { Wanted } from './wanted.ts';

/** How many steps of an embedding's byte make one unit of a learned vector's coordinate; as in Go's embed. */
const perUnit = 254;

/** More than the server may want of all modalities together. */
const mostNetworks = 12;

/** One model's view of a window. */
export interface Embedded {
  model: string;
  embedding: Int8Array;
}

export class Models {
  private readonly networks = new Map<string, Network>();
  private wanted: Wanted = {};

  constructor(private readonly standards: Standards) {}

  /** The server's wish, from now on. */
  want(wanted: Wanted): void {
    this.wanted = wanted;
  }

  /** Takes the weights file of a model; throws an Error that says what is wrong with it. */
  add(name: string, file: ArrayBuffer): void {
    const weights = parseWeights(file);
    if (weights.name !== name) throw new Error(`the weights of ${name} say that they are those of ${weights.name}`);
    if (this.networks.size >= mostNetworks && !this.networks.has(name)) throw new Error(`there are ${mostNetworks} networks already`);
    this.networks.set(name, weights.kind === 'touch' ? new TouchNetwork(weights) : new Network(weights));
  }

  keyboard(w: KeyboardWindow): Embedded[] {
    return this.active('keyboard').map((model) => ({
      model: model?.name ?? Model,
      embedding: model ? bytesOf(model.keyboard(w.strokes)) : embedKeyboard(w, this.standards),
    }));
  }

  pointer(w: PointerWindow): Embedded[] {
    return this.active('pointer').map((model) => ({
      model: model?.name ?? Model,
      embedding: model ? bytesOf(model.pointer(w.events)) : embedPointer(w, this.standards),
    }));
  }

  touch(w: TouchWindow): Embedded[] {
    return this.active('touch').map((model) => ({
      model: model?.name ?? Model,
      embedding: model instanceof TouchNetwork ? bytesOf(model.touch(w)) : embedTouch(w, this.standards),
    }));
  }

  /** The networks that embed a modality's windows; undefined stands for the plain model. */
  private active(modality: Modality): (Network | undefined)[] {
    const there = (this.wanted[modality] ?? []).flatMap((name) => {
      if (name === Model) return [undefined];
      const network = this.networks.get(name);
      return network?.kind === modality ? [network] : [];
    });
    return there.length > 0 ? there : [undefined];
  }
}

function bytesOf(vector: Float32Array): Int8Array {
  return Int8Array.from(vector, (v) => {
    const steps = Math.floor(Math.abs(v) * perUnit + 0.5);
    return Math.sign(v) * Math.min(127, steps);
  });
}
