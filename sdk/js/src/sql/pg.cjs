'use strict';
// CommonJS for both kinds of modules, because only `require` loads a package without waiting. The package is the
// author's own, which is bundled if it is installed.

exports.findPg = () => {
    try {
        return require('pg');
    } catch (error) {
        if (error.code === 'MODULE_NOT_FOUND' && /'pg'/.test(error.message)) {
            return undefined;
        }
        throw error;
    }
};
