// As much of the browsers' extension API as is used here, and so a list of it. Firefox knows it under the same name.

interface ExtensionEvent<Listener> {
  addListener(listener: Listener): void;
}

interface ExtensionSender {
  id?: string;
  url?: string;
  frameId?: number;
  tab?: { id?: number };
}

interface ExtensionPort {
  name: string;
  sender?: ExtensionSender;
  onMessage: ExtensionEvent<(message: unknown) => void>;
  onDisconnect: ExtensionEvent<() => void>;
  postMessage(message: unknown): void;
  disconnect(): void;
}

interface RegisteredScript {
  id: string;
  matches: string[];
  js: string[];
  runAt: 'document_start';
  allFrames: boolean;
  persistAcrossSessions: boolean;
}

declare const chrome: {
  runtime: {
    id?: string;
    getURL(path: string): string;
    sendMessage(message: unknown): Promise<unknown>;
    connect(info: { name: string }): ExtensionPort;
    onConnect: ExtensionEvent<(port: ExtensionPort) => void>;
    onMessage: ExtensionEvent<(message: unknown, sender: ExtensionSender, answer: (value: unknown) => void) => boolean | void>;
    onInstalled: ExtensionEvent<() => void>;
    onStartup: ExtensionEvent<() => void>;
    /** Chromium only. */
    getContexts(filter: { contextTypes: string[] }): Promise<unknown[]>;
  };
  storage: {
    managed: {
      get(): Promise<unknown>;
      /** Chromium only. */
      setAccessLevel?(level: { accessLevel: 'TRUSTED_CONTEXTS' }): Promise<void>;
    };
    onChanged: ExtensionEvent<(changes: unknown, area: string) => void>;
  };
  permissions: {
    contains(p: { origins: string[] }): Promise<boolean>;
    request(p: { origins: string[] }): Promise<boolean>;
    onAdded: ExtensionEvent<() => void>;
    onRemoved: ExtensionEvent<() => void>;
  };
  scripting: {
    getRegisteredContentScripts(): Promise<{ id: string; matches?: string[] }[]>;
    registerContentScripts(scripts: RegisteredScript[]): Promise<void>;
    unregisterContentScripts(): Promise<void>;
    executeScript(injection: { target: { tabId: number }; files: string[]; injectImmediately: boolean }): Promise<unknown>;
  };
  tabs: {
    query(filter: { url?: string[]; active?: boolean; currentWindow?: boolean }): Promise<{ id?: number }[]>;
    create(tab: { url: string }): Promise<unknown>;
  };
  action: {
    setIcon(details: { tabId?: number; path: Record<string, string> }): Promise<void>;
    setBadgeText(details: { tabId?: number; text: string | null }): Promise<void>;
    setBadgeBackgroundColor(details: { tabId?: number; color: string }): Promise<void>;
    setTitle(details: { tabId?: number; title: string }): Promise<void>;
  };
  i18n: {
    getMessage(name: string, substitutions?: string[]): string;
    getUILanguage(): string;
  };
  /** Chromium only. */
  offscreen: {
    createDocument(d: { url: string; reasons: 'WORKERS'[]; justification: string }): Promise<void>;
    closeDocument(): Promise<void>;
  };
};
