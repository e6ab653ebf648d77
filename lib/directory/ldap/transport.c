/* SPDX-License-Identifier: MIT */
#include "transport.h"

#include <errno.h>
#include <lber.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int setup(Sockbuf_IO_Desc *io, void *arg)
{
	io->sbiod_pvt = arg;
	return 0;
}

static int unset(Sockbuf_IO_Desc *io)
{
	io->sbiod_pvt = NULL;
	return 0;
}

static int control(Sockbuf_IO_Desc *io, int option, void *arg)
{
	const spk_transport *transport = io->sbiod_pvt;
	(void)arg;
	if (option == LBER_SB_OPT_DATA_READY)
		return transport->at < transport->end;
	/* libldap wants to switch blocking when it has a time-out of its own: it is ours that counts */
	return option == LBER_SB_OPT_SET_NONBLOCK ? 1 : 0;
}

/* Returns whether to try again; else errno is set and kept. */
static bool wait_or_break(spk_transport *transport, short events)
{
	int error = errno;
	if (error == EINTR)
		return true;
	if (error == EAGAIN) {
		error = spk_wait(transport->fd, events, transport->deadline);
		if (error == 0)
			return true;
	}
	transport->error = errno = error;
	return false;
}

/* Reads what there is, into ahead. */
static ssize_t read_ahead(spk_transport *transport)
{
	ssize_t n;
	do
		n = recv(transport->fd, transport->ahead, sizeof transport->ahead, MSG_DONTWAIT);
	while (n < 0 && wait_or_break(transport, POLLIN));
	if (n == 0)
		transport->ended = true;
	transport->at = 0;
	transport->end = n > 0 ? (size_t)n : 0;
	if (n > 0 && (transport->received += (size_t)n) > SPK_ANSWER_MAX) {
		transport->error = errno = EMSGSIZE;
		return -1;
	}
	return n;
}

/* How it ended, if it did, is for whoever reads. */
void spk_transport_relieve(spk_transport *transport)
{
	if (transport->fd < 0 || transport->error || transport->ended)
		return;
	if (transport->at == transport->end)
		transport->at = transport->end = 0;
	size_t room = sizeof transport->ahead - transport->end;
	ssize_t n = room ? recv(transport->fd, transport->ahead + transport->end, room, MSG_DONTWAIT) : 0;
	if (n > 0) {
		transport->end += (size_t)n;
		transport->received += (size_t)n;
	}
}

static ber_slen_t receive(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	spk_transport *transport = io->sbiod_pvt;
	ssize_t got = transport->at < transport->end || size == 0 ? 1 : read_ahead(transport);
	if (got <= 0)
		return got;
	size_t n = transport->end - transport->at;
	if (n > size)
		n = size;
	memcpy(buffer, transport->ahead + transport->at, n);
	transport->at += n;
	return (ber_slen_t)n;
}

static ber_slen_t transmit(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	spk_transport *transport = io->sbiod_pvt;
	ssize_t n;
	do
		n = send(transport->fd, buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && wait_or_break(transport, POLLOUT));
	return n;
}

static int hang_up(Sockbuf_IO_Desc *io)
{
	spk_transport *transport = io->sbiod_pvt;
	if (transport->fd >= 0)
		close(transport->fd);
	transport->fd = -1;
	return 0;
}

bool spk_transport_attach(spk_transport *transport, Sockbuf *sockbuf)
{
	static Sockbuf_IO io = { setup, unset, control, receive, transmit, hang_up };
	/* memory is taken by the length that the other side claims */
	ber_len_t longest = SPK_ANSWER_MAX;
	return ber_sockbuf_ctrl(sockbuf, LBER_SB_OPT_SET_MAX_INCOMING, &longest) == 1 &&
			ber_sockbuf_add_io(sockbuf, &io, LBER_SBIOD_LEVEL_PROVIDER, transport) == 0;
}

bool spk_transport_is_gone(const spk_transport *transport)
{
	struct pollfd one = { .fd = transport->fd, .events = POLLRDHUP };
	return transport->fd < 0 || transport->error || transport->ended || poll(&one, 1, 0) > 0;
}

const char *spk_transport_why(const spk_transport *transport)
{
	if (transport->error == ETIMEDOUT)
		return "no answer in time";
	if (transport->error == EMSGSIZE)
		return "the answer does not end";
	if (transport->error)
		return strerror(transport->error);
	return transport->ended ? "the server closed the connection" : NULL;
}
