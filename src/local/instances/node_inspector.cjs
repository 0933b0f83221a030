'use strict';

// Loaded before the program when it is debugged (`nimbus dev --inspect`): opens the inspector, and waits
// for the debugger where one was attached to the process before this one, so that its breakpoints are set
// before anything runs.

const { NIMBUS_INSPECTOR_PORT, NIMBUS_INSPECTOR_WAITS } = process.env;
delete process.env.NIMBUS_INSPECTOR_PORT;
delete process.env.NIMBUS_INSPECTOR_WAITS;
require('node:inspector').open(Number(NIMBUS_INSPECTOR_PORT), '127.0.0.1', NIMBUS_INSPECTOR_WAITS === '1');
