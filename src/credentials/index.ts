export { clientConfigFile } from './client-config.js';
export { findLogin, forgetLogin, keepLogin, listLogins } from './logins.js';
export { type Credentials, hubKey } from './types.js';
