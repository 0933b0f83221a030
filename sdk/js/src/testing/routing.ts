/** What decides over which route gets a request. */
export interface RoutePattern {
    readonly method: string;
    /** `/users/{id}`, `/files/{path+}` or `$default`. */
    readonly path: string;
}

export type PathValues = Record<string, string>;

const defaultPath = '$default';

/** The more specific before the others. */
const enum Segment { literal, parameter, greedy }

function kindOfSegment(segment: string): Segment {
    return !/^\{.+\}$/.test(segment) ? Segment.literal : segment.endsWith('+}') ? Segment.greedy : Segment.parameter;
}

/** The route that API Gateway chooses (API Gateway Developer Guide, "Create routes for HTTP APIs", "Routing
 * API requests"), and the parameters of `path`, which is as in a URL. */
export function chooseRoute<Route extends RoutePattern>(
    routes: readonly Route[], method: string, path: string): { route: Route; values: PathValues } | undefined {
    let best: { route: Route; values: PathValues } | undefined;
    for (const route of routes) {
        const values = route.method === method || route.method === 'ANY' ? valuesIn(route.path, path) : undefined;
        if (values && (!best || isMoreSpecific(route, best.route))) {
            best = { route, values };
        }
    }
    return best;
}

/** The parameters of a path that fits; undefined for one that does not. */
function valuesIn(pattern: string, path: string): PathValues | undefined {
    if (pattern === defaultPath) {
        return {};
    }
    const values: PathValues = {};
    const wanted = pattern.split('/');
    const found = path.split('/');
    for (const [index, segment] of wanted.entries()) {
        const given = found[index];
        if (given === undefined) {
            return undefined;
        }
        switch (kindOfSegment(segment)) {
            case Segment.literal:
                if (segment !== given) {
                    return undefined;
                }
                break;
            case Segment.parameter:
                if (given === '') {
                    return undefined;
                }
                values[segment.slice(1, -1)] = percentDecoded(given);
                break;
            case Segment.greedy: {
                const rest = found.slice(index).join('/');
                if (rest === '') {
                    return undefined;
                }
                values[segment.slice(1, -2)] = percentDecoded(rest);
                return values;
            }
        }
    }
    return wanted.length === found.length ? values : undefined;
}

function isMoreSpecific(a: RoutePattern, b: RoutePattern): boolean {
    if ((a.path === defaultPath) !== (b.path === defaultPath)) {
        return b.path === defaultPath;
    }
    const [ofA, ofB] = [a, b].map(({ path }) => path.split('/').map(kindOfSegment)) as [Segment[], Segment[]];
    if ((ofA.at(-1) === Segment.greedy) !== (ofB.at(-1) === Segment.greedy)) {
        return ofB.at(-1) === Segment.greedy;
    }
    const index = ofA.findIndex((kind, at) => ofB[at] !== undefined && kind !== ofB[at]);
    return index >= 0 ? ofA[index]! < ofB[index]! : a.method !== 'ANY' && b.method === 'ANY';
}

/** What is no UTF-8 stays as it is. */
export function percentDecoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
