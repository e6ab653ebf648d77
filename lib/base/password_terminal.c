/* SPDX-License-Identifier: MIT */
/* password_terminal.c - a password that a person types */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <spnkit/credentials.h>
#include <spnkit/text.h>

#include "error.h"

/* What ends a question: Ctrl-Z too, which would leave a silent terminal to the shell, or one that shows what is typed
 * to us.  What the program ignores stays ignored, such as SIGHUP under nohup. */
static void choose_signals(sigset_t *ret_held)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP };
	struct sigaction action;
	sigemptyset(ret_held);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(ret_held, signals[i]);
}

/* Waits for a line while the signals are held back, so that none ends the program before the terminal shows again
 * what is typed.  False: one of them has arrived, however early. */
static bool wait_for_line(int terminal, const sigset_t *held)
{
	int signals = signalfd(-1, held, SFD_CLOEXEC);
	struct pollfd at[] = { { .fd = signals, .events = POLLIN }, { .fd = terminal, .events = POLLIN } };
	struct signalfd_siginfo arrived;
	while (signals >= 0 && poll(at, 2, -1) < 0 && errno == EINTR)
		;
	bool is_interrupted = signals < 0 || at[0].revents;
	if (signals >= 0 && is_interrupted)
		(void)!read(signals, &arrived, sizeof arrived); /* this is the answer to it */
	if (signals >= 0)
		close(signals);
	return !is_interrupted;
}

static spn_status ask(FILE *terminal, char *path, char *buffer, size_t size, size_t *ret_len, const char *whose,
		spn_error *err)
{
	struct termios was, silent;
	sigset_t held, mask;
	int fd = fileno(terminal);
	if (tcgetattr(fd, &was) != 0)
		return spn_fail(err, SPN_ERR_AUTH, errno, "the terminal cannot hide a password");
	choose_signals(&held);
	pthread_sigmask(SIG_BLOCK, &held, &mask);
	silent = was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &silent);
	fputs("Password of ", terminal);
	spn_text_print(terminal, whose, strlen(whose));
	fputs(": ", terminal);
	fflush(terminal);
	spn_status status = wait_for_line(fd, &held) ?
			spn_password_from_file(buffer, size, ret_len, path, err) :
			spn_fail(err, SPN_ERR_AUTH, EINTR, "no password: %s", strerror(EINTR));
	if (!status && *ret_len == 0)
		status = spn_fail(err, SPN_ERR_AUTH, 0, "no password: nothing was typed");
	tcsetattr(fd, TCSAFLUSH, &was);
	putc('\n', terminal);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return status;
}

spn_status spn_password_from_terminal(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err)
{
	static char path[] = "/dev/tty";
	if (!buffer || !ret_len || !data)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_password_from_terminal: an argument is NULL");
	FILE *terminal = fopen(path, "r+e");
	if (!terminal)
		return spn_fail(err, SPN_ERR_AUTH, errno, "cannot ask for the password: the program has no terminal");
	spn_status status = ask(terminal, path, buffer, size, ret_len, data, err);
	fclose(terminal);
	return status;
}
