#!/usr/bin/env node
'use strict';
import path from 'node:path';
readFileSync(path.join(__dirname, 'views', "page.html"));
readFileSync(path.resolve( __dirname , '..', `a.txt`, ));
readFileSync(`${__dirname}/b/${name}.txt`, __dirname + '/c.txt' + more);
new URL('./d.wasm', import.meta.url); import.meta.dirname; import.meta.filename;
const __filename = 1, obj = { __dirname: 2 };
