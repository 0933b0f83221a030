// The application and its database, for the modules that use it.
import Nimbus from '@hillock-tech/nimbus-js';

export const app = new Nimbus({ projectName: 'clients', region: 'us-east-1' });
export const db = app.SQL({ name: 'main-db', migrations: 'migrations', deletionProtection: false });
