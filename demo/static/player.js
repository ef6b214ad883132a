// Plays a list of steps on the page at their times: key and pointer events as a recording names them, the characters
// that the keys write, and what clicks bring about. Events that a script dispatches are untrusted by nature
// (isTrusted is false): the browser marks them, and ipse takes them here because this page asks it to.
import { handsAway } from './hands.js';

/** How late a step may be before the rest is moved back with it: a jam must not squeeze the rhythm. */
const slackMS = 25;

/** How long before its time a step is waited for by turning round the event loop, which timers are too coarse for. */
const spinMS = 5;

export class Player {
  /** act carries out steps that are no events; alive says whether to go on. */
  constructor(act, alive) {
    this.act = act;
    this.alive = alive;
    this.cursor = { x: innerWidth / 2, y: innerHeight / 2 };
    this.down = null;
  }

  /** Sits down at the desk, and leaves it. */
  begin() {
    handsAway(true);
    this.ghost(true);
  }

  end() {
    handsAway(false);
    this.ghost(false);
  }

  /** Plays steps; resolves with true at their end, with false when it was stopped. */
  async play(steps) {
    const { port1, port2 } = new MessageChannel();
    const turn = () => new Promise((next) => {
      port1.onmessage = next;
      port2.postMessage(0);
    });
    const sleep = (ms) => new Promise((next) => setTimeout(next, ms));
    let zeroMS = performance.now();
    for (const step of steps) {
      for (;;) {
        if (!this.alive()) return false;
        const leftMS = zeroMS + step.t - performance.now();
        if (document.hidden) await sleep(250); // timers are too slow on hidden pages: the colleague waits
        else if (leftMS <= 0) break;
        else if (leftMS > spinMS) await sleep(leftMS - spinMS);
        else await turn();
      }
      const lateMS = performance.now() - zeroMS - step.t;
      if (lateMS > slackMS) zeroMS += lateMS;
      if (step.do) await this.act(step);
      else if (step.k) this.key(step);
      else if (step.p) this.pointer(step);
    }
    port1.close();
    return this.alive();
  }

  key({ k, c, s }) {
    const box = document.getElementById('reply-text') ?? document.body;
    box.dispatchEvent(new KeyboardEvent(`key${k}`, { code: c, bubbles: true, composed: true, cancelable: true }));
    if (k !== 'down' || !(box instanceof HTMLTextAreaElement)) return;
    if (c === 'Backspace') box.value = [...box.value].slice(0, -1).join('');
    else if (s) box.value += s;
    box.scrollTop = box.scrollHeight;
  }

  pointer({ p, x = this.cursor.x, y = this.cursor.y, b = 0, dx = 0, dy = 0 }) {
    this.cursor = { x, y };
    const target = document.elementFromPoint(x, y) ?? document.body;
    const common = { clientX: x, clientY: y, bubbles: true, composed: true, cancelable: true };
    if (p === 'wheel') {
      target.dispatchEvent(new WheelEvent('wheel', { ...common, deltaX: dx, deltaY: dy }));
    } else {
      const type = { move: 'pointermove', down: 'pointerdown', up: 'pointerup' }[p];
      const held = p === 'down' ? 1 : 0;
      target.dispatchEvent(new PointerEvent(type, {
        ...common, pointerType: 'mouse', pointerId: 1, isPrimary: true, button: p === 'move' ? -1 : b, buttons: held,
      }));
    }
    if (this.arrow) this.arrow.style.translate = `${x}px ${y}px`;
  }

  /** Shows where the colleague's pointer is. */
  ghost(visible) {
    this.arrow?.remove();
    this.arrow = undefined;
    if (!visible) return;
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.id = 'ghost';
    svg.setAttribute('viewBox', '0 0 22 22');
    svg.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS(svg.namespaceURI, 'path');
    path.setAttribute('d', 'M2 1l14 11h-7l-4 7z');
    path.setAttribute('fill', '#e8a200');
    path.setAttribute('stroke', '#222');
    svg.append(path);
    document.body.append(svg);
    svg.style.translate = `${this.cursor.x}px ${this.cursor.y}px`;
    this.arrow = svg;
  }
}
