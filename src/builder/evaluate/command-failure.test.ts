import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFailed } from './command-failure.js';

test('a RUN of powershell that fails tells that the bases have none; others do not', () => {
  const hintOf = (command: string): string => commandFailed({ command, exitCode: 1 }, 3).hint ?? '';
  for (const command of [
    'powershell -Command Write-Host 1',
    'cmd /S /C echo 1 && PowerShell.exe -File x.ps1',
    'cmd /S /C powershell -c 1',
    'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -c 1',
  ])
    assert.match(hintOf(command), /^Line 3 of the Dockerfile; 1 means: .*no Windows PowerShell/u, command);
  for (const command of ['cmd /S /C echo powershell', 'pwsh -c 1', 'cmd /S /C mypowershell'])
    assert.doesNotMatch(hintOf(command), /PowerShell:/u, command);
});
