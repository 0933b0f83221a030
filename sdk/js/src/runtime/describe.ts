import { readFileSync, writeFileSync } from 'node:fs';
import type { Declaration } from '../declaration.js';
import { isListOfTexts } from '../description.js';
import type { Description, Place, Sections } from '../description.js';
import { MissingApplication } from './application.js';
import { watchPackages } from './packages.js';

/** What the engine takes for wrong declarations, and for a program that failed. */
const wrong = 1;
const failed = 3;

/**
 * Writes the manifest, and beside it where in the author's files its parts were declared, so that
 * the engine's messages can say it.
 */
export async function describe(load: () => Promise<Declaration>, manifestFile: string): Promise<never> {
    const fail = (error: unknown) => leave(failed, failureText(error));
    process.on('uncaughtException', fail);
    process.on('unhandledRejection', fail);
    Error.stackTraceLimit = 30; // the author's frames are below Node's and those of what watches
    const loaded = watchPackages(process.cwd());
    try {
        const description = (await load()).description as Description;
        // What the module began and nobody waits for has its turn, as in an instance.
        await new Promise((resolve) => setImmediate(resolve));
        const mistakes = description.mistakes.map(({ place, message }) => `${placeText(place)}: ${message}`);
        if (mistakes.length > 0) {
            leave(wrong, mistakes.join('\n'));
        }
        const named = packagesNamedBy(description);
        writeFileSync(`${manifestFile}.packages`, JSON.stringify([...new Set([...named, ...loaded()])].sort()));
        writeFileSync(`${manifestFile}.places`, JSON.stringify(placesOf(description)));
        writeFileSync(manifestFile, JSON.stringify(manifestOf(description)));
    } catch (error) {
        if (error instanceof MissingApplication) {
            leave(wrong, error.message);
        }
        leave(failed, failureText(error));
    }
    process.exit(0);
}

/** Lambda's name of what Node runs on here. */
const hostArchitecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** Those that the application wants beside the bundle. */
function packagesNamedBy(description: Description): string[] {
    const { external } = objectOf(description.options);
    return isListOfTexts(external) ? external : [];
}

/** Options go into it as they are: the engine knows what is allowed. `external` is for the bundle. */
function manifestOf(description: Description): object {
    const { projectName, region = 'us-east-1', stage, architecture = hostArchitecture, external: _, ...unknown } =
        objectOf(description.options);
    return {
        version: 1,
        project: projectName,
        region,
        stage,
        ...unknown,
        runtime: 'nodejs22.x',
        architecture,
        ...listsOf(description.sections),
    };
}

function listsOf(sections: Sections): Record<string, unknown[]> {
    const lists = Object.entries(sections).map(([name, parts]) => [name, parts.map(({ members, parts: inner }) =>
        inner ? { ...objectOf(members), ...listsOf(inner) } : members ?? null)]);
    return Object.fromEntries(lists);
}

function objectOf(options: unknown): Record<string, unknown> {
    return options instanceof Object ? { ...options } : {};
}

/** By the manifest's paths; what is not in it is where the thing is that it belongs to. */
function placesOf(description: Description): Record<string, string> {
    const places: Record<string, string> = { '': placeText(description.place) };
    const add = (path: string, sections: Sections) => {
        for (const [name, parts] of Object.entries(sections)) {
            parts.forEach((part, index) => {
                const own = `${path}${name}[${index}]`;
                places[own] = placeText(part.place);
                add(`${own}.`, part.parts ?? {});
            });
        }
    };
    add('', description.sections);
    return places;
}

interface Location {
    readonly file: string;
    readonly line: number;
    readonly column: number;
}

/** The locations in a stack, relative to the project, which is the working directory. */
function locationsIn(stack: string): Location[] {
    const { relative } = require('node:path') as typeof import('node:path');
    return [...stack.matchAll(/^ +at (?:.*\()?(.+):(\d+):(\d+)\)?$/gm)]
        .map(([, file = '', line, column]) => ({
            file: file.startsWith('/') ? relative(process.cwd(), file) : file.replace(/^file:\/\//, ''),
            line: Number(line),
            column: Number(column),
        }));
}

function placeText(place: Place): string {
    const [location] = locationsIn(place.stack ?? '');
    return location ? textOf(location) : 'the application';
}

function textOf({ file, line, column }: Location): string {
    return `${file}:${line}:${column}`;
}

/** The error in one sentence at the author's own line, then that line, then the stack. */
function failureText(error: unknown): string {
    if (!(error instanceof Error)) {
        return `It threw ${JSON.stringify(error) ?? String(error)}`;
    }
    const stack = error.stack ?? '';
    const locations = locationsIn(stack).filter(({ file }) => !isMachinery(file));
    const place = locations.find(({ file }) => !/(^|\/)node_modules\//.test(file)) ?? locations[0];
    if (!place) {
        return messageOf(error);
    }
    return [`${textOf(place)}: ${messageOf(error)}`, ...lineAt(place), ...ownFrames(stack)].join('\n');
}

function messageOf(error: Error): string {
    const [message = ''] = String(error).split(/\nRequire stack:| imported from /);
    return /^(ERR_)?MODULE_NOT_FOUND$/.test((error as NodeJS.ErrnoException).code ?? '')
        ? `${message}: its name is made when the program runs, so the bundle is made without it. A package that ` +
            'is installed can be named: new Nimbus({ external: [\'…\'] })'
        : message;
}

/** The stack without what is Node's and the bundle's: from the entry, which loads the module, on. */
function ownFrames(stack: string): string[] {
    const frames = stack.split('\n').filter((line) => /^ +at /.test(line));
    const entry = frames.findIndex((line) => /(entry\.cjs|application\.mjs):/.test(line));
    return frames.slice(0, entry < 0 ? undefined : entry)
        .filter((line) => !/[( ]node:|\/bundle\/(index|packages)\.js:|\/runtime\/packages\.js:/.test(line));
}

/** Node's own files, and what watches it. */
function isMachinery(file: string): boolean {
    return file.startsWith('node:') || file.endsWith('/runtime/packages.js');
}

function lineAt({ file, line }: Location): string[] {
    try {
        const text = readFileSync(file, 'utf8').split('\n')[line - 1];
        return text === undefined ? [] : [`  ${line} | ${text}`];
    } catch {
        return []; // a file that the bundle was made of, and that is not there any more
    }
}

function leave(exitCode: number, text: string): never {
    process.stderr.write(`${text}\n`);
    process.exit(exitCode);
}
