import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const directory = join(dirname(fileURLToPath(import.meta.url)), 'types');
const sdk = join(directory, '..', '..');

/** Every line with `// wrong` has a mistake, and no other line of any file has one. */
function checkMistakes(project, file) {
    const compiler = join(sdk, 'node_modules', '.bin', 'tsc');
    const done = spawnSync(compiler, ['-p', project, '--pretty', 'false'], { encoding: 'utf8' });
    const wrong = [...done.stdout.matchAll(/^(.*)\((\d+),\d+\): error/gm)].map(([, name, line]) => [name.endsWith(file), Number(line)]);
    const lines = readLines(join(project, file)).flatMap((line, index) => line.includes('// wrong') ? [index + 1] : []);
    assert.deepEqual([...new Set(wrong.map(String))], lines.map((line) => `true,${line}`), done.stdout);
}

test('the compiler finds what is wrong with an application, and nothing else', () => checkMistakes(directory, 'application.ts'));

test('an application is compiled without pg and its types, as long as it does not use them', () => {
    const project = mkdtempSync(join(tmpdir(), 'nimbus-types-'));
    try {
        const modules = join(project, 'node_modules');
        for (const [from, to] of [['dist', 'dist'], ['package.json', 'package.json']]) {
            cpSync(join(sdk, from), join(modules, '@hillock-tech', 'nimbus-js', to), { recursive: true });
        }
        mkdirSync(join(modules, '@types'));
        symlinkSync(join(sdk, 'node_modules', '@types', 'node'), join(modules, '@types', 'node'));
        for (const file of ['without_pg.ts', 'without_pg.json']) {
            cpSync(join(directory, file), join(project, file.replace('without_pg.json', 'tsconfig.json')));
        }
        checkMistakes(project, 'without_pg.ts');
    } finally {
        rmSync(project, { recursive: true });
    }
});

function readLines(file) {
    return readFileSync(file, 'utf8').split('\n');
}
