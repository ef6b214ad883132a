// The public face of @ipse/web: types only. The build copies this file into dist/ipse.d.ts.

/** Where to report, by what right, and what the page allows. */
export interface Options {
  /** Address of the ipse server, such as "https://ipse.example"; a path in front of /v1 and /sdk may follow. */
  endpoint: string;
  /** The collector token that the application's back end got when it opened the session. */
  token?: string;
  /** Called when the server no longer takes the token; gives a new one from the application's back end. */
  renewToken?: () => Promise<string>;
  /** Kind of hardware; told from the primary pointer and the screen's size when absent. */
  deviceClass?: 'desktop' | 'tablet' | 'phone';
  /** A selector of elements in which nothing is measured, beside those with the attribute data-ipse-exclude. */
  exclude?: string;
  /**
   * Measures how the device is held while it is touched, where the platform tells it. A browser that asks the person first
   * does so at the next tap or click.
   */
  motion?: boolean;
  /** Where the worker's script lies, when not at ENDPOINT/sdk/ipse-worker.js. */
  workerURL?: string;
  /**
   * Takes events that no hand made for behaviour. For demonstrations and tests only: an observation that holds any carries
   * the quality flag "simulated", and a server that is not a demonstration's takes it for injected.
   */
  acceptSimulated?: boolean;
}

export type RiskLevel = 'LOW' | 'MEDIUM' | 'HIGH';
export type Answer = 'same_person' | 'someone_else' | 'cannot_tell';
export type Directive = 'step_up' | 'lock' | 'stop';

/** How far ipse has learnt the subject in one modality: 0 is nothing, 1 is enough. */
export interface ReferenceMaturity {
  modality: string;
  maturity: number;
}

/** What the server says in reply to every report. */
export interface Risk {
  riskLevel: RiskLevel;
  answer: Answer;
  directives: Directive[];
  references: ReferenceMaturity[];
}

/**
 * - stopped: not started, stopped by the page, or ended by the server
 * - starting: the server has not answered yet
 * - running: the server answers
 * - offline: the server does not answer; observations wait, within a bound
 * - unauthorized: the token is not taken; observations wait for renew()
 */
export type State = 'stopped' | 'starting' | 'running' | 'offline' | 'unauthorized';

/** Something went wrong. The page need not do anything: ipse goes on as well as it can. */
export interface IpseError {
  /**
   * - options: what was passed to createIpse cannot work
   * - worker: behaviour cannot be measured here
   * - model: the server wants a learned model that cannot be loaded; the plain one measures meanwhile
   * - network: the server does not answer, or answers with nonsense, or the script that reports to it cannot be loaded
   * - unauthorized: the token is not taken and there is no way to get another
   * - key: reports cannot be signed here, or the server does not take this browser's key for the session
   * - clock: this device's clock is too far off
   * - refused: the server does not take what was sent
   * - handler: a function that the page passed to on() has thrown
   */
  code: 'options' | 'worker' | 'model' | 'network' | 'unauthorized' | 'key' | 'clock' | 'refused' | 'handler';
  message: string;
}

export interface Events {
  risk: (risk: Risk) => void;
  state: (state: State) => void;
  error: (error: IpseError) => void;
}

/** One typing of a text that the page asked for. */
export interface Phrase {
  /** The page has taken what was typed: it is measured, or found to be unmeasurable. */
  done(): void;
  /** The page does not want it after all: nothing of it is kept. */
  drop(): void;
}

/** One session's collector. No method throws, and none makes the page wait. */
export interface Ipse {
  /** Says hello to the server and begins to measure. Nothing is sent or listened to before. Gives itself. */
  start(): Ipse;
  /** Takes every listener off and sends nothing more. start() goes on with what was measured before. */
  stop(): void;
  /** Stops, and drops the token and all that was measured. Only renew() and start() bring it back to work. */
  forget(): void;
  /** Gives a new collector token, before or after the old one has run out. */
  renew(token: string): void;
  /**
   * Measures how a text that the page asks for is typed into a field, from now on until done() or drop(). The number is
   * the page's own for this text, 1 to 2147483647, and another one for another text. strokes says how many keys the text
   * takes, 6 to 64: shift keys count, enter and tab do not. What is typed meanwhile is part of nothing else. One phrase
   * at a time: asking for the next drops the one before.
   */
  phrase(number: number, strokes: number, field: Element): Phrase;
  /** Calls fn on every such event; the function that it gives takes fn off again. */
  on<Name extends keyof Events>(name: Name, fn: Events[Name]): () => void;
}

/** Prepares one session's collector. Nothing happens before its start(). */
export declare function createIpse(options: Options): Ipse;

/** Prepares and starts in one call. */
export declare function start(options: Options): Ipse;

/** Under this name a classic script finds the two functions. */
export as namespace ipse;
