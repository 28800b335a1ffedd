/**
 * The HCS error codes and their texts. The same low word appears as 0x8037xxxx (HRESULT) and as 0xC037xxxx (what Docker prints).
 *
 * Sources: MicrosoftDocs/Virtualization-Documentation, virtualization/api/hcs/Reference/HCSHResult.md (0x8037…);
 * golang.org/x/sys/windows, zerrors_windows.go, as vendored in moby (0xC037…).
 */
export interface HcsError {
  /** Low 16 bits of the code. */
  readonly low: number;
  /** Name as HRESULT, `HCS_E_…`; absent where there is none. */
  readonly hresult?: string;
  /** Name as system error, `ERROR_VMCOMPUTE_…`; absent where there is none. */
  readonly errno?: string;
  /** Windows' own text; absent where no source gives one. */
  readonly text?: string;
}

/** Low word, name after `HCS_E_`, name after `ERROR_VMCOMPUTE_`, text; null: there is none. A new code is one row here. */
const rows: readonly (readonly [low: number, hresult: string | null, errno: string | null, text: string | null])[] = [
  [
    0x0100,
    'TERMINATED_DURING_START',
    'TERMINATED_DURING_START',
    'The virtual machine or container exited unexpectedly while starting',
  ],
  [
    0x0101,
    'IMAGE_MISMATCH',
    'IMAGE_MISMATCH',
    'The container operating system does not match the host operating system',
  ],
  [
    0x0102,
    'HYPERV_NOT_INSTALLED',
    'HYPERV_NOT_INSTALLED',
    'The virtual machine could not be started because a required feature is not installed',
  ],
  [0x0103, null, 'OPERATION_PENDING', null],
  [0x0104, null, 'TOO_MANY_NOTIFICATIONS', null],
  [
    0x0105,
    'INVALID_STATE',
    'INVALID_STATE',
    'The requested virtual machine or container operation is not valid in the current state',
  ],
  [0x0106, 'UNEXPECTED_EXIT', 'UNEXPECTED_EXIT', 'The virtual machine or container exited unexpectedly'],
  [0x0107, 'TERMINATED', 'TERMINATED', 'The virtual machine or container was forcefully exited'],
  [
    0x0108,
    'CONNECT_FAILED',
    'CONNECT_FAILED',
    'A connection could not be established with the container or virtual machine',
  ],
  [
    0x0109,
    'CONNECTION_TIMEOUT',
    'TIMEOUT',
    'The operation timed out because a response was not received from the virtual machine or container',
  ],
  [0x010a, 'CONNECTION_CLOSED', 'CONNECTION_CLOSED', 'The connection with the virtual machine or container was closed'],
  [
    0x010b,
    'UNKNOWN_MESSAGE',
    'UNKNOWN_MESSAGE',
    'An unknown internal message was received by the virtual machine or container',
  ],
  [
    0x010c,
    'UNSUPPORTED_PROTOCOL_VERSION',
    'UNSUPPORTED_PROTOCOL_VERSION',
    'The virtual machine or container does not support an available version of the communication protocol with the host',
  ],
  [0x010d, 'INVALID_JSON', 'INVALID_JSON', 'The virtual machine or container JSON document is invalid'],
  [
    0x010e,
    'SYSTEM_NOT_FOUND',
    'SYSTEM_NOT_FOUND',
    'A virtual machine or container with the specified identifier does not exist',
  ],
  [
    0x010f,
    'SYSTEM_ALREADY_EXISTS',
    'SYSTEM_ALREADY_EXISTS',
    'A virtual machine or container with the specified identifier already exists.',
  ],
  [
    0x0110,
    'SYSTEM_ALREADY_STOPPED',
    'SYSTEM_ALREADY_STOPPED',
    'The virtual machine or container with the specified identifier is not running',
  ],
  [
    0x0111,
    'PROTOCOL_ERROR',
    'PROTOCOL_ERROR',
    'A communication protocol error has occurred between the virtual machine or container and the host',
  ],
  [0x0112, 'INVALID_LAYER', 'INVALID_LAYER', 'The container image contains a layer with an unrecognized format'],
  [
    0x0113,
    'WINDOWS_INSIDER_REQUIRED',
    'WINDOWS_INSIDER_REQUIRED',
    'To use this container image, you must join the Windows Insider Program',
  ],
  [
    0x0114,
    'SERVICE_NOT_AVAILABLE',
    null,
    'The operation could not be started because a required feature is not installed',
  ],
  [0x0115, 'OPERATION_NOT_STARTED', null, 'The operation has not started'],
  [0x0116, 'OPERATION_ALREADY_STARTED', null, 'The operation is already running'],
  [0x0117, 'OPERATION_PENDING', null, 'The operation is still running'],
  [0x0118, 'OPERATION_TIMEOUT', null, 'The operation did not complete in time'],
  [
    0x0119,
    'OPERATION_SYSTEM_CALLBACK_ALREADY_SET',
    null,
    'An event callback has already been registered on this handle',
  ],
  [
    0x011a,
    'OPERATION_RESULT_ALLOCATION_FAILED',
    null,
    'Not enough memory available to return the result of the operation',
  ],
  [
    0x011b,
    'ACCESS_DENIED',
    null,
    'Insufficient privileges. Only administrators or users that are members of the Hyper-V Administrators user group are permitted to access virtual machines or containers. To add yourself to the Hyper-V Administrators user group, please see https://aka.ms/hcsadmin for more information.',
  ],
  [
    0x011c,
    'GUEST_CRITICAL_ERROR',
    null,
    'The virtual machine or container reported a critical error and was stopped or restarted',
  ],
  [0x011d, 'PROCESS_INFO_NOT_AVAILABLE', null, 'The process information is not available'],
  [0x011e, 'SERVICE_DISCONNECT', null, 'The host compute system service has disconnected unexpectedly'],
  [0x011f, 'PROCESS_ALREADY_STOPPED', null, 'The process has already exited'],
];

export const hcsErrors: readonly HcsError[] = rows.map(([low, hresult, errno, text]) => ({
  low,
  ...(hresult === null ? {} : { hresult: `HCS_E_${hresult}` }),
  ...(errno === null ? {} : { errno: `ERROR_VMCOMPUTE_${errno}` }),
  ...(text === null ? {} : { text }),
}));
