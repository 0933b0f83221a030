import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire, SourceMap as NodeSourceMap } from 'node:module';
import { test } from 'node:test';
import { Project, application } from './support.mjs';

const { SourceMap } = createRequire(import.meta.url)('../dist/cjs/runtime/source_map.js');

const mapOf = (mappings, sources = ['a.ts', 'b.ts']) => new SourceMap(JSON.stringify({ version: 3, sources, mappings }));

test('a place is that of the last mapping that begins at or before it', () => {
    const map = mapOf('AAAA,IAAI;;EACA,KCFF');
    assert.deepEqual(map.find(0, 0), { source: 'a.ts', line: 0, column: 0 });
    assert.deepEqual(map.find(0, 3), { source: 'a.ts', line: 0, column: 0 });
    assert.deepEqual(map.find(0, 4), { source: 'a.ts', line: 0, column: 4 });
    assert.deepEqual(map.find(1, 7), { source: 'a.ts', line: 0, column: 4 });
    assert.deepEqual(map.find(2, 2), { source: 'a.ts', line: 1, column: 4 });
    assert.deepEqual(map.find(2, 99), { source: 'b.ts', line: -1, column: 2 });
});

test('what comes before all mappings has no place', () => {
    assert.equal(mapOf(';EAAA').find(1, 1), undefined);
    assert.equal(mapOf('').find(0, 0), undefined);
});

test('what is no map is refused', () => {
    assert.throws(() => mapOf('AA!A'));
    assert.throws(() => new SourceMap('{}'));
    assert.throws(() => new SourceMap('no JSON'));
});

test('every place of a bundle is what Node makes of it', () => {
    const project = new Project(application('return { statusCode: 200 };'));
    try {
        const text = readFileSync(`${project.build().bundle}.map`, 'utf8');
        const [ours, nodes] = [new SourceMap(text), new NodeSourceMap(JSON.parse(text))];
        const bundle = readFileSync(project.bundle, 'utf8').split('\n');
        bundle.forEach((words, line) => {
            for (let column = 0; column <= words.length; column += 7) {
                const { originalSource, originalLine, originalColumn } = nodes.findEntry(line, column);
                assert.deepEqual(ours.find(line, column),
                    originalSource && { source: originalSource, line: originalLine, column: originalColumn });
            }
        });
    } finally {
        project.remove();
    }
});
