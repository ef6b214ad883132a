// What docs/web-sdk.md shows for React: its types are checked, and it is run as strict mode runs it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';
import { readText } from './repository.ts';

const folder = new URL('../docs/', import.meta.url); // in .test

/** As much of React's types as the page uses. */
const react = `declare module 'react' {
  export function useEffect(effect: () => void | (() => void), deps?: readonly unknown[]): void;
  export function useRef<T>(initial: T): { current: T };
}`;

function shown(): string {
  const code = /```tsx\n([\s\S]*?)```/.exec(readText('docs/web-sdk.md'))?.[1];
  assert(code, 'docs/web-sdk.md shows no tsx');
  return code;
}

test('the React hook of the documentation has right types', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('hook.tsx', folder), shown());
  writeFileSync(new URL('react.d.ts', folder), react);
  writeFileSync(new URL('ipse.d.ts', folder), readText('sdk/web/dist/ipse.d.ts'));
  const at = (name: string) => decodeURIComponent(new URL(name, folder).pathname);
  const program = ts.createProgram([at('hook.tsx'), at('react.d.ts')], {
    strict: true, noEmit: true, jsx: ts.JsxEmit.Preserve, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [],
    paths: { '@ipse/web': [at('ipse.d.ts')] },
  });
  const found = ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n'));
  assert.deepEqual(found, []);
});

test('the React hook stops what strict mode mounts twice, and hears by the latest handler', () => {
  const log: string[] = [];
  const effects: { effect: () => void | (() => void); deps: readonly unknown[] | undefined }[] = [];
  let risk: ((risk: string) => void) | undefined;
  const modules: Record<string, unknown> = {
    react: {
      useRef: (current: unknown) => ({ current }),
      useEffect: (effect: () => void | (() => void), deps?: readonly unknown[]) => effects.push({ effect, deps }),
    },
    '@ipse/web': {
      createIpse: ({ endpoint, token }: { endpoint: string; token: string }) => ({
        on: (name: string, fn: (risk: string) => void) => {
          risk = fn;
          return () => log.push(`off ${name}`);
        },
        start: () => log.push(`start ${endpoint} ${token}`),
        stop: () => log.push('stop'),
      }),
    },
  };
  const js = ts.transpileModule(shown(), { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } }).outputText;
  const exported: { useIpse?: (token: string, onRisk: (risk: unknown) => void) => void } = {};
  new Function('require', 'exports', js)((name: string) => modules[name], exported);
  exported.useIpse?.('token-1', (r) => log.push(`risk ${String(r)}`));
  assert.deepEqual(effects.map((e) => e.deps), [undefined, ['token-1']]);
  const clean = effects.map((e) => e.effect()).map((off) => off);
  for (const off of clean) off?.();
  for (const { effect } of effects) effect();
  risk?.('HIGH');
  assert.deepEqual(log, ['start https://ipse.example token-1', 'off risk', 'stop', 'start https://ipse.example token-1', 'risk HIGH']);
});
