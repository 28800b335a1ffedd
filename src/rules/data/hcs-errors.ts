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

export const hcsErrors: readonly HcsError[] = [
  {
    low: 0x0100,
    hresult: 'HCS_E_TERMINATED_DURING_START',
    errno: 'ERROR_VMCOMPUTE_TERMINATED_DURING_START',
    text: 'The virtual machine or container exited unexpectedly while starting',
  },
  {
    low: 0x0101,
    hresult: 'HCS_E_IMAGE_MISMATCH',
    errno: 'ERROR_VMCOMPUTE_IMAGE_MISMATCH',
    text: 'The container operating system does not match the host operating system',
  },
  {
    low: 0x0102,
    hresult: 'HCS_E_HYPERV_NOT_INSTALLED',
    errno: 'ERROR_VMCOMPUTE_HYPERV_NOT_INSTALLED',
    text: 'The virtual machine could not be started because a required feature is not installed',
  },
  { low: 0x0103, errno: 'ERROR_VMCOMPUTE_OPERATION_PENDING' },
  { low: 0x0104, errno: 'ERROR_VMCOMPUTE_TOO_MANY_NOTIFICATIONS' },
  {
    low: 0x0105,
    hresult: 'HCS_E_INVALID_STATE',
    errno: 'ERROR_VMCOMPUTE_INVALID_STATE',
    text: 'The requested virtual machine or container operation is not valid in the current state',
  },
  {
    low: 0x0106,
    hresult: 'HCS_E_UNEXPECTED_EXIT',
    errno: 'ERROR_VMCOMPUTE_UNEXPECTED_EXIT',
    text: 'The virtual machine or container exited unexpectedly',
  },
  {
    low: 0x0107,
    hresult: 'HCS_E_TERMINATED',
    errno: 'ERROR_VMCOMPUTE_TERMINATED',
    text: 'The virtual machine or container was forcefully exited',
  },
  {
    low: 0x0108,
    hresult: 'HCS_E_CONNECT_FAILED',
    errno: 'ERROR_VMCOMPUTE_CONNECT_FAILED',
    text: 'A connection could not be established with the container or virtual machine',
  },
  {
    low: 0x0109,
    hresult: 'HCS_E_CONNECTION_TIMEOUT',
    errno: 'ERROR_VMCOMPUTE_TIMEOUT',
    text: 'The operation timed out because a response was not received from the virtual machine or container',
  },
  {
    low: 0x010a,
    hresult: 'HCS_E_CONNECTION_CLOSED',
    errno: 'ERROR_VMCOMPUTE_CONNECTION_CLOSED',
    text: 'The connection with the virtual machine or container was closed',
  },
  {
    low: 0x010b,
    hresult: 'HCS_E_UNKNOWN_MESSAGE',
    errno: 'ERROR_VMCOMPUTE_UNKNOWN_MESSAGE',
    text: 'An unknown internal message was received by the virtual machine or container',
  },
  {
    low: 0x010c,
    hresult: 'HCS_E_UNSUPPORTED_PROTOCOL_VERSION',
    errno: 'ERROR_VMCOMPUTE_UNSUPPORTED_PROTOCOL_VERSION',
    text: 'The virtual machine or container does not support an available version of the communication protocol with the host',
  },
  {
    low: 0x010d,
    hresult: 'HCS_E_INVALID_JSON',
    errno: 'ERROR_VMCOMPUTE_INVALID_JSON',
    text: 'The virtual machine or container JSON document is invalid',
  },
  {
    low: 0x010e,
    hresult: 'HCS_E_SYSTEM_NOT_FOUND',
    errno: 'ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND',
    text: 'A virtual machine or container with the specified identifier does not exist',
  },
  {
    low: 0x010f,
    hresult: 'HCS_E_SYSTEM_ALREADY_EXISTS',
    errno: 'ERROR_VMCOMPUTE_SYSTEM_ALREADY_EXISTS',
    text: 'A virtual machine or container with the specified identifier already exists.',
  },
  {
    low: 0x0110,
    hresult: 'HCS_E_SYSTEM_ALREADY_STOPPED',
    errno: 'ERROR_VMCOMPUTE_SYSTEM_ALREADY_STOPPED',
    text: 'The virtual machine or container with the specified identifier is not running',
  },
  {
    low: 0x0111,
    hresult: 'HCS_E_PROTOCOL_ERROR',
    errno: 'ERROR_VMCOMPUTE_PROTOCOL_ERROR',
    text: 'A communication protocol error has occurred between the virtual machine or container and the host',
  },
  {
    low: 0x0112,
    hresult: 'HCS_E_INVALID_LAYER',
    errno: 'ERROR_VMCOMPUTE_INVALID_LAYER',
    text: 'The container image contains a layer with an unrecognized format',
  },
  {
    low: 0x0113,
    hresult: 'HCS_E_WINDOWS_INSIDER_REQUIRED',
    errno: 'ERROR_VMCOMPUTE_WINDOWS_INSIDER_REQUIRED',
    text: 'To use this container image, you must join the Windows Insider Program',
  },
  {
    low: 0x0114,
    hresult: 'HCS_E_SERVICE_NOT_AVAILABLE',
    text: 'The operation could not be started because a required feature is not installed',
  },
  { low: 0x0115, hresult: 'HCS_E_OPERATION_NOT_STARTED', text: 'The operation has not started' },
  { low: 0x0116, hresult: 'HCS_E_OPERATION_ALREADY_STARTED', text: 'The operation is already running' },
  { low: 0x0117, hresult: 'HCS_E_OPERATION_PENDING', text: 'The operation is still running' },
  { low: 0x0118, hresult: 'HCS_E_OPERATION_TIMEOUT', text: 'The operation did not complete in time' },
  {
    low: 0x0119,
    hresult: 'HCS_E_OPERATION_SYSTEM_CALLBACK_ALREADY_SET',
    text: 'An event callback has already been registered on this handle',
  },
  {
    low: 0x011a,
    hresult: 'HCS_E_OPERATION_RESULT_ALLOCATION_FAILED',
    text: 'Not enough memory available to return the result of the operation',
  },
  {
    low: 0x011b,
    hresult: 'HCS_E_ACCESS_DENIED',
    text: 'Insufficient privileges. Only administrators or users that are members of the Hyper-V Administrators user group are permitted to access virtual machines or containers. To add yourself to the Hyper-V Administrators user group, please see https://aka.ms/hcsadmin for more information.',
  },
  {
    low: 0x011c,
    hresult: 'HCS_E_GUEST_CRITICAL_ERROR',
    text: 'The virtual machine or container reported a critical error and was stopped or restarted',
  },
  { low: 0x011d, hresult: 'HCS_E_PROCESS_INFO_NOT_AVAILABLE', text: 'The process information is not available' },
  {
    low: 0x011e,
    hresult: 'HCS_E_SERVICE_DISCONNECT',
    text: 'The host compute system service has disconnected unexpectedly',
  },
  { low: 0x011f, hresult: 'HCS_E_PROCESS_ALREADY_STOPPED', text: 'The process has already exited' },
];
