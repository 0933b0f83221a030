/* require(name) */
// import(name)
 * require(x)
const driver = require(name), other = await import(`${kind}.js`), fixed = require('pg');
new Worker('./w.js'); // worker_threads
child_process.fork(file); module.require(name); $require(name)
