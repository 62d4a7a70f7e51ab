#include "CLinux.h"
#include "calls.h"

#include <endian.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static void take_address(const struct sockaddr_storage *from, struct galgo_address *to) {
    memset(to, 0, sizeof *to);
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
        uint64_t high, low;
        memcpy(&high, in6->sin6_addr.s6_addr, 8);
        memcpy(&low, in6->sin6_addr.s6_addr + 8, 8);
        to->port = ntohs(in6->sin6_port);
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
            to->low = be64toh(low) & 0xffffffff;
        } else {
            to->high = be64toh(high);
            to->low = be64toh(low);
            to->is_ipv6 = 1;
        }
    } else if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)from;
        to->low = ntohl(in->sin_addr.s_addr);
        to->port = ntohs(in->sin_port);
    }
}

static socklen_t make_address(const struct galgo_address *from, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (from->is_ipv6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
        uint64_t high = htobe64(from->high), low = htobe64(from->low);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(from->port);
        memcpy(in6->sin6_addr.s6_addr, &high, 8);
        memcpy(in6->sin6_addr.s6_addr + 8, &low, 8);
        return sizeof *in6;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)to;
    in->sin_family = AF_INET;
    in->sin_port = htons(from->port);
    in->sin_addr.s_addr = htonl((uint32_t)from->low);
    return sizeof *in;
}

int64_t galgo_resolve(const char *host, uint16_t port, struct galgo_address *address) {
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0 || found == NULL) return -ENOENT;
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    memcpy(&storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    take_address(&storage, address);
    address->port = port;
    return 0;
}

int64_t galgo_bind(const struct galgo_address *address, int shares) {
    struct sockaddr_storage storage;
    socklen_t length = make_address(address, &storage);
    int on = 1;
    int s = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0) return -errno;
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0
        || (shares && setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
        || bind(s, (struct sockaddr *)&storage, length) < 0) {
        int error = errno;
        close(s);
        return -error;
    }
    return s;
}

int64_t galgo_bound_port(int socket) {
    struct sockaddr_storage storage;
    struct galgo_address address;
    socklen_t length = sizeof storage;
    if (getsockname(socket, (struct sockaddr *)&storage, &length) < 0) return -errno;
    take_address(&storage, &address);
    return address.port;
}

int64_t galgo_listen(int socket, int backlog) { RETURN_RESULT(listen(socket, backlog)); }

int64_t galgo_accept(int listener, struct galgo_address *peer) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    int64_t s;
    RETRY(s, accept4(listener, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (s < 0) return -errno;
    int on = 1;
    // Fails only for a socket that is already dead, which the next receive reports.
    (void)setsockopt((int)s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    take_address(&storage, peer);
    return s;
}

int64_t galgo_receive(int socket, void *to, size_t count) { RETURN_RESULT(recv(socket, to, count, MSG_DONTWAIT)); }

int64_t galgo_send(int socket, const struct iovec *parts, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};
    RETURN_RESULT(sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

int64_t galgo_socket_error(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
    return error;
}

int64_t galgo_finish_sending(int socket) { RETURN_RESULT(shutdown(socket, SHUT_WR)); }

int64_t galgo_tell(const char *socket_name, const char *text) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(socket_name);
    if (length == 0 || length >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, socket_name, length);
    if (address.sun_path[0] == '@') address.sun_path[0] = 0;
    int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return -errno;
    struct timeval second = {.tv_sec = 1};
    (void)setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    int64_t result;
    RETRY(result, sendto(
        s, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)));
    if (result < 0) result = -errno;
    close(s);
    return result;
}

int64_t galgo_epoll(void) {
    int descriptor = epoll_create1(EPOLL_CLOEXEC);
    // A sandbox may know only the older call.
    return descriptor < 0 ? galgo_with_flags(epoll_create(1), 0) : descriptor;
}

int64_t galgo_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    RETURN_RESULT(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

int64_t galgo_epoll_remove(int epoll, int descriptor) {
    struct epoll_event event = {0};
    RETURN_RESULT(epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event));
}

int64_t galgo_epoll_wait(int epoll, struct epoll_event *events, int capacity, int milliseconds) {
    int count = epoll_wait(epoll, events, capacity, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    return count;
}

int64_t galgo_eventfd(void) {
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
#ifdef SYS_eventfd
    if (descriptor < 0) return galgo_with_flags((int)syscall(SYS_eventfd, 0), 1);
#endif
    return descriptor < 0 ? -errno : descriptor;
}

int64_t galgo_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    RETURN_RESULT(write(descriptor, &one, sizeof one));
}

int64_t galgo_eventfd_clear(int descriptor) {
    uint64_t count;
    RETURN_RESULT(read(descriptor, &count, sizeof count));
}
