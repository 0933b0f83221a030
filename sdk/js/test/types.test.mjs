import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const directory = dirname(fileURLToPath(import.meta.url));

/** Every line with `// wrong` has a mistake, and no other line has one. */
test('the compiler finds what is wrong with an application, and nothing else', () => {
    const file = join(directory, 'types', 'application.ts');
    const compiler = join(directory, '..', 'node_modules', '.bin', 'tsc');
    const done = spawnSync(compiler, ['-p', join(directory, 'types'), '--pretty', 'false'], { encoding: 'utf8' });
    const wrong = [...done.stdout.matchAll(/application\.ts\((\d+),/g)].map(([, line]) => Number(line));
    const lines = readLines(file).flatMap((line, index) => line.includes('// wrong') ? [index + 1] : []);
    assert.deepEqual([...new Set(wrong)], lines, done.stdout);
});

function readLines(file) {
    return readFileSync(file, 'utf8').split('\n');
}
