export { compileGuestPrograms } from './compile-guest-programs.js';
