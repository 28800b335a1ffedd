#include "agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <winternl.h>

enum { PROCESSES_MAX = 4096, LINE_MAX_LENGTH = 1024 };

/* SystemProcessInformation as Windows has documented it in parts; the headers leave these fields out. */
struct process_entry {
  ULONG next, thread_count;
  LARGE_INTEGER private_working_set;
  ULONG hard_faults, threads_at_most;
  ULONGLONG cycles;
  LARGE_INTEGER created, user_time, kernel_time;
  UNICODE_STRING name;
  LONG priority;
  HANDLE pid, parent;
  ULONG handle_count, session;
  ULONG_PTR key;
  SIZE_T peak_virtual, virtual_size;
  ULONG page_faults;
  SIZE_T peak_working_set, working_set, quota[4], pagefile, peak_pagefile, private_bytes;
};

static void *query_processes(void);
static bool is_shown(const struct process_entry *entry, const DWORD *ours, size_t count);
static size_t format(char *line, const struct process_entry *entry);
static void send(const char *text, size_t length, bool more);

void top_reply(void) {
  static DWORD ours[PROCESSES_MAX];
  size_t count = 0;
  for (struct program *program = program_first(); program; program = program->next)
    count += job_processes(program->job, ours + count, PROCESSES_MAX - count);
  unsigned char *all = query_processes(), *at = all;
  char text[WB_PAYLOAD_MAX];
  size_t length = 0;
  for (ULONG next = 1; all && next; at += next) {
    const struct process_entry *entry = (const struct process_entry *)at;
    next = entry->next;
    if (!is_shown(entry, ours, count)) continue;
    if (length + LINE_MAX_LENGTH > sizeof text) {
      send(text, length, true);
      length = 0;
    }
    length += format(text + length, entry);
  }
  send(text, length, false);
  free(all);
}

size_t job_processes(HANDLE job, DWORD *pids, size_t limit) {
  size_t size = sizeof(JOBOBJECT_BASIC_PROCESS_ID_LIST) + limit * sizeof(ULONG_PTR);
  JOBOBJECT_BASIC_PROCESS_ID_LIST *list = must_allocate(size);
  list->NumberOfProcessIdsInList = 0;
  if (!QueryInformationJobObject(job, JobObjectBasicProcessIdList, list, (DWORD)size, NULL) && GetLastError() != ERROR_MORE_DATA)
    list->NumberOfProcessIdsInList = 0;
  size_t count = list->NumberOfProcessIdsInList < limit ? list->NumberOfProcessIdsInList : limit;
  for (size_t i = 0; i < count; i++) pids[i] = (DWORD)list->ProcessIdList[i];
  free(list);
  return count;
}

static void *query_processes(void) {
  ULONG size = 1 << 18;
  for (;;) {
    void *entries = must_allocate(size);
    NTSTATUS status = NtQuerySystemInformation(SystemProcessInformation, entries, size, NULL);
    if (status == 0) return entries;
    free(entries);
    if (status != (NTSTATUS)0xc0000004 /* STATUS_INFO_LENGTH_MISMATCH */ || size > 1 << 26) return NULL;
    size *= 2;
  }
}

/* All that a program started; of the rest what is not the agent's nor part of every Wine. */
static bool is_shown(const struct process_entry *entry, const DWORD *ours, size_t count) {
  static const wchar_t *const parts[] = {L"services.exe",        L"winedevice.exe", L"plugplay.exe", L"svchost.exe", L"rpcss.exe",
                                         L"winemenubuilder.exe", L"wineboot.exe",   L"explorer.exe", L"conhost.exe", L"start.exe"};
  DWORD pid = (DWORD)(ULONG_PTR)entry->pid;
  for (size_t i = 0; i < count; i++)
    if (ours[i] == pid) return true;
  if (pid == GetCurrentProcessId() || pid == 0 || !entry->name.Buffer) return false;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (!_wcsnicmp(entry->name.Buffer, parts[i], entry->name.Length / sizeof(wchar_t))) return false;
  return true;
}

static size_t format(char *line, const struct process_entry *entry) {
  wchar_t wide[260];
  size_t count = entry->name.Length / sizeof *wide;
  if (count >= 260) count = 259;
  memcpy(wide, entry->name.Buffer, count * sizeof *wide);
  wide[count] = 0;
  for (wchar_t *at = wide; *at; at++)
    if (*at < L' ') *at = L'?';
  char *name = utf8_from_wide(wide);
  SIZE_T private_bytes = entry->private_bytes ? entry->private_bytes : entry->pagefile;
  int length = snprintf(line, LINE_MAX_LENGTH, "%s\t%lu\t%lu\t%llu\t%llu\n", name, (unsigned long)(ULONG_PTR)entry->pid,
                        (unsigned long)(ULONG_PTR)entry->parent,
                        (unsigned long long)(entry->user_time.QuadPart + entry->kernel_time.QuadPart),
                        (unsigned long long)private_bytes);
  free(name);
  return length > 0 && length < LINE_MAX_LENGTH ? (size_t)length : 0;
}

static void send(const char *text, size_t length, bool more) {
  channel_send(&(struct frame){.type = WB_TOP_REPLY,
                               .stream = more,
                               .length = (uint32_t)length,
                               .payload = (const unsigned char *)text});
}
