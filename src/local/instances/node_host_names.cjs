'use strict';

// Runs in Node before a function's code: lets it find database clusters by their host names, which DNS
// does not know. The file NIMBUS_HOSTS_FILE has them in the form of hosts(5). dns.lookup is what sockets
// call, and with them pg, postgres.js, undici and AWS's connectors.

const dns = require('node:dns');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const ipv4 = 4;
const hostsFile = process.env.NIMBUS_HOSTS_FILE;

/** Read each time: clusters come and go, and one connects seldom. */
function addressOf(host) {
    if (typeof host !== 'string' || !host.toLowerCase().endsWith('.on.aws')) {
        return undefined;
    }
    const name = host.toLowerCase();
    const lines = fs.readFileSync(hostsFile, 'utf8').split('\n').map((line) => line.split(' '));
    return lines.find(([, known]) => known === name)?.[0];
}

/** As Node's option `family`; what is something else goes to Node. */
function wantsIpv4({ family = 0 }) {
    return [0, ipv4, 'IPv4'].includes(family);
}

function optionsOf(options) {
    return typeof options === 'object' ? options ?? {} : { family: typeof options === 'function' ? 0 : options };
}

/** What dns.lookup finds for `host`, or nothing. */
function find(host, given) {
    const options = optionsOf(given);
    const address = wantsIpv4(options) ? addressOf(host) : undefined;
    return address && { address, all: options.all ?? false };
}

/** `replacement` with what else `original` has, by which util.promisify knows it. */
function dressedAs(original, replacement) {
    return Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
}

function install() {
    const { lookup, promises } = dns;
    const { lookup: lookupPromise } = promises;
    dns.lookup = dressedAs(lookup, (...given) => {
        const [host, options] = given;
        const callback = given.at(-1);
        const found = typeof callback === 'function' ? find(host, options) : undefined;
        if (!found) {
            return lookup(...given);
        }
        const { address, all } = found;
        process.nextTick(callback, null, ...(all ? [[{ address, family: ipv4 }]] : [address, ipv4]));
        return {};
    });
    promises.lookup = dressedAs(lookupPromise, async (host, options) => {
        const found = find(host, options);
        if (!found) {
            return lookupPromise(host, options);
        }
        const entry = { address: found.address, family: ipv4 };
        return found.all ? [entry] : entry;
    });
    syncBuiltinESMExports();
}

if (hostsFile) {
    install();
}
