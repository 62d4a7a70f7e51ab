#ifndef CLINUX_SOCKETS_H
#define CLINUX_SOCKETS_H
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/uio.h>

/// An IPv4 or IPv6 address with its port; `high` and `low` are the address as big-endian numbers.
struct galgo_address {
    uint64_t high;
    uint64_t low;
    uint16_t port;
    uint8_t is_ipv6;
};

/// Looks up `host`, a name or a numeric address: its first address, or -ENOENT.
int64_t galgo_resolve(const char *host, uint16_t port, struct galgo_address *address);

/// A bound, non-blocking stream socket. `shares` sets SO_REUSEPORT.
int64_t galgo_bind(const struct galgo_address *address, int shares);
int64_t galgo_bound_port(int socket);
int64_t galgo_listen(int socket, int backlog);
/// A connected non-blocking socket with TCP_NODELAY.
int64_t galgo_accept(int listener, struct galgo_address *peer);
int64_t galgo_receive(int socket, void *to, size_t count);
int64_t galgo_send(int socket, const struct iovec *parts, int count);
/// The error that the kernel keeps for the socket; 0 if none.
int64_t galgo_socket_error(int socket);
int64_t galgo_finish_sending(int socket);

/// Sends one datagram to a local socket: a path, or with `@` in front a name that is no file. Waits a second at most.
int64_t galgo_tell(const char *socket_name, const char *text);

int64_t galgo_epoll(void);
int64_t galgo_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t data);
int64_t galgo_epoll_remove(int epoll, int descriptor);
/// A timeout of -1 waits for ever. An interrupted wait is 0 events.
int64_t galgo_epoll_wait(int epoll, struct epoll_event *events, int capacity, int milliseconds);

int64_t galgo_eventfd(void);
int64_t galgo_eventfd_signal(int descriptor);
int64_t galgo_eventfd_clear(int descriptor);
#endif
