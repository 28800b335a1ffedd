import { runtimeSuite } from '../runtime/runtime-suite.js';
import { prepareTest } from './test-runtime.js';

runtimeSuite({ name: 'process isolation', prepare: prepareTest });
