/** PostgreSQL's lexical structure (its manual, 4.1), as far as it says where a statement begins. */
const patterns = {
    blank: /[ \t\n\r\f\v]+|--[^\n\r]*/y,
    comment: /\/\*|\*\//g,
    quote: /[eE]?'|"|\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y,
    escaped: /\\[^]|'/g,
    word: /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y,
};

/** Most texts have none of them, and are not looked at any further. */
const anyControl = /\b(?:begin|start|commit|end|rollback|abort|prepare)\b/i;
const controls = new Set(['begin', 'start', 'commit', 'end', 'rollback', 'abort']);

/** Words and other characters, without blanks, comments and what stands in quotes: a doubled quote ends one text
 * and begins the next. */
function* tokensOf(text: string): Generator<string> {
    let position = 0;
    const skip = (pattern: RegExp): string => {
        pattern.lastIndex = position;
        const [found = ''] = pattern.exec(text) ?? [];
        position += found.length;
        return found;
    };
    while (position < text.length) {
        if (skip(patterns.blank)) {
            continue;
        }
        if (text.startsWith('/*', position)) {
            position = endOfComment(text, position);
            continue;
        }
        const quote = skip(patterns.quote);
        if (quote) {
            position = endOfQuoted(text, position, quote);
        }
        yield quote || skip(patterns.word).toLowerCase() || text.charAt(position++);
    }
}

/** Where that ends which `quote` opens before `begin`; in E'…' a backslash keeps a quote in the text. */
function endOfQuoted(text: string, begin: number, quote: string): number {
    if (quote.toLowerCase() !== 'e\'') {
        const end = text.indexOf(quote, begin);
        return end === -1 ? text.length : end + quote.length;
    }
    patterns.escaped.lastIndex = begin;
    for (let found; (found = patterns.escaped.exec(text));) {
        if (found[0] === '\'') {
            return patterns.escaped.lastIndex;
        }
    }
    return text.length;
}

/** Comments nest. */
function endOfComment(text: string, begin: number): number {
    patterns.comment.lastIndex = begin;
    for (let depth = 0;;) {
        const mark = patterns.comment.exec(text);
        if (!mark) {
            return text.length;
        }
        depth += mark[0] === '/*' ? 1 : -1;
        if (depth === 0) {
            return patterns.comment.lastIndex;
        }
    }
}

/** The first words of each statement of a text; a function's body (BEGIN ATOMIC … END) is a part of its own. */
function* beginningsOf(text: string): Generator<string[]> {
    let words: string[] = [];
    let depth = 0;
    let before = '';
    for (const token of tokensOf(text)) {
        if (token === 'atomic' && before === 'begin') {
            ++depth;
        } else if (depth > 0 && before !== '.') {
            depth += token === 'case' ? 1 : token === 'end' ? -1 : 0;
        }
        before = token;
        if (token === ';' && depth === 0) {
            yield words;
            words = [];
        } else if (words.length < 3) {
            words.push(token);
        }
    }
    yield words;
}

/**
 * The key word of the first statement in `text` that begins or ends a transaction: BEGIN, START, COMMIT, END, ROLLBACK,
 * ABORT, PREPARE TRANSACTION. ROLLBACK TO goes back to a savepoint, and is none.
 */
export function transactionControl(text: string): string | undefined {
    if (!anyControl.test(text)) {
        return undefined;
    }
    for (const [first = '', second, third] of beginningsOf(text)) {
        const isPrepare = first === 'prepare' && second === 'transaction';
        const goesBack = first === 'rollback'
            && (second === 'to' || (third === 'to' && (second === 'work' || second === 'transaction')));
        if (isPrepare || (controls.has(first) && !goesBack)) {
            return first.toUpperCase();
        }
    }
    return undefined;
}
