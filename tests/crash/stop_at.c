/* SPDX-License-Identifier: MIT */
/*
 * stop_at.c - kills a command at one of its system calls, or lets something else happen there
 *
 *   stop_at before|after N COMMAND...   SIGKILL before or after call N of those that matter, counted from 1; exits with
 *                                       137 if it came to that, else as the command
 *   stop_at count FILE COMMAND...       writes to FILE how many there are, and exits as the command
 *   stop_at each SCRIPT COMMAND...      has sh run SCRIPT before each of them, while the command waits; exits as the
 *                                       command
 *
 * What matters: whatever changes a file (what is printed aside) or a folder, or sends to or receives from a server.
 * The command never gets to make call N, or never gets to know how it ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLED 137

static bool matters(const struct __ptrace_syscall_info *info)
{
	switch (info->entry.nr) {
	case SYS_openat: return info->entry.args[2] & O_CREAT;
	case SYS_write:
	case SYS_writev: return info->entry.args[0] > STDERR_FILENO;
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_fchmod:
	case SYS_fchown:
	case SYS_fsetxattr:
	case SYS_fsync:
#ifdef SYS_rename
	case SYS_rename:
	case SYS_unlink:
	case SYS_mkdir:
#endif
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_unlinkat:
	case SYS_mkdirat:
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_recvfrom:
	case SYS_recvmsg: return true;
	default: return false;
	}
}

struct watch {
	long at, seen;
	const char *script; /* or NULL */
	bool after;
	bool reached; /* by the thread whose call is under way: it is killed when that ends */
};

/* At a stop of a thread: true if this is the moment. */
static bool is_time(struct watch *watch, pid_t thread)
{
	struct __ptrace_syscall_info info;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0)
		return false;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		return watch->reached;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !matters(&info))
		return false;
	if (watch->script && system(watch->script) != 0)
		fprintf(stderr, "stop_at: '%s' failed\n", watch->script);
	if (++watch->seen != watch->at)
		return false;
	watch->reached = true;
	return !watch->after;
}

static int follow(pid_t child, struct watch *watch)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	int status;
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0, options);
	for (pid_t thread = child;;) {
		int signal = 0;
		if (WIFSTOPPED(status)) {
			bool is_call = WSTOPSIG(status) == (SIGTRAP | 0x80);
			if (is_call && is_time(watch, thread))
				kill(child, SIGKILL);
			else if (!is_call && WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP)
				signal = WSTOPSIG(status);
			ptrace(PTRACE_SYSCALL, thread, 0, signal);
		} else if (thread == child) {
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		}
		while ((thread = waitpid(-1, &status, __WALL)) < 0)
			if (errno != EINTR)
				return KILLED;
	}
}

static pid_t start(char **command)
{
	pid_t child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(command[0], command);
		_exit(127);
	}
	return child;
}

int main(int argc, char **argv)
{
	const char *verb = argc < 4 ? "" : argv[1];
	bool counts = strcmp(verb, "count") == 0, each = strcmp(verb, "each") == 0, after = strcmp(verb, "after") == 0;
	if (!counts && !each && !after && strcmp(verb, "before") != 0) {
		fprintf(stderr, "usage: stop_at before|after N COMMAND... | stop_at count FILE COMMAND... | stop_at "
				"each SCRIPT COMMAND...\n");
		return 2;
	}
	struct watch watch = { .at = counts || each ? 0 : atol(argv[2]), .script = each ? argv[2] : NULL, .after = after };
	pid_t child = start(argv + 3);
	if (child < 0)
		return perror("stop_at: fork"), 2;
	int code = follow(child, &watch);
	if (counts) {
		FILE *file = fopen(argv[2], "w");
		if (!file || fprintf(file, "%ld\n", watch.seen) < 0 || fclose(file) != 0)
			return perror(argv[2]), 2;
	}
	return code;
}
