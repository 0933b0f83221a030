import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

// Found by the deploy, and shipped: the path begins with the source's own place.
const file = join(__dirname, 'greeting.txt');

export async function greeting(name: string): Promise<string> {
    return (await readFile(file, 'utf8')).trim().replace('NAME', name);
}
