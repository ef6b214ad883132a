import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, readJSON, readText } from './repository.ts';

interface Package {
  private?: boolean;
  license: string;
  dependencies?: object;
  files: string[];
  exports: Record<string, string | Record<string, string>>;
  main: string;
  module: string;
  types: string;
}

test('the package can be published: nothing is needed with it, and what it names is there', () => {
  const p = readJSON('sdk/web/package.json') as Package;
  assert.deepEqual([p.private, p.dependencies, p.license], [undefined, undefined, 'Apache-2.0']);
  assert.equal(readText('sdk/web/LICENSE'), readText('LICENSE'));
  const dist = list('sdk/web/dist').map((name) => `./dist/${name}`);
  const named = Object.values(p.exports).flatMap((e) => (typeof e === 'string' ? [e] : Object.values(e)));
  for (const file of [...named, `./${p.main}`, `./${p.module}`, `./${p.types}`]) {
    assert(file === './package.json' || dist.includes(file), `${file} is not there`);
  }
  for (const script of dist.filter((name) => /\.m?js$/.test(name))) assert(dist.includes(`${script}.map`), `${script} has no map`);
  assert(p.files.includes('dist'));
});
