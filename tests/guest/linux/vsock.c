/* SPDX-License-Identifier: BSD-2-Clause */
/* A socket between this guest and another CID: standard input goes in, what comes goes out. */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h> /* needs sys/socket.h */

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static void write_all(int fd, const char *data, ssize_t size)
{
	for (ssize_t done = 0, n; done < size; done += n) {
		n = write(fd, data + done, (size_t)(size - done));
		check(n, "write");
	}
}

/* Until both directions are at their end. */
static void exchange(int socket)
{
	struct pollfd fds[2] = {{.fd = socket, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
	static char data[8192];

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		check(poll(fds, 2, -1), "poll");
		for (int i = 0; i < 2; i++) {
			ssize_t size;

			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			size = read(fds[i].fd, data, sizeof(data));
			check(size, i ? "read" : "receive");
			write_all(i ? socket : 1, data, size);
			if (size == 0)
				fds[i].fd = -1;
			if (size == 0 && i)
				shutdown(socket, SHUT_WR);
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY};
	bool packets = argc > 1 && strcmp(argv[1], "-q") == 0;
	int s;

	argv += packets;
	argc -= packets;
	if (argc != 3) {
		fprintf(stderr, "usage: vsock [-q] CID|listen PORT\n");
		return 2;
	}
	s = socket(AF_VSOCK, packets ? SOCK_SEQPACKET : SOCK_STREAM, 0);
	check(s, "socket");
	address.svm_port = (unsigned)strtoul(argv[2], NULL, 0);
	if (strcmp(argv[1], "listen") == 0) {
		check(bind(s, (struct sockaddr *)&address, sizeof(address)), "bind");
		check(listen(s, 1), "listen");
		s = accept(s, NULL, NULL);
		check(s, "accept");
	} else {
		address.svm_cid = (unsigned)strtoul(argv[1], NULL, 0);
		check(connect(s, (struct sockaddr *)&address, sizeof(address)), "connect");
	}
	exchange(s);
	return 0;
}
