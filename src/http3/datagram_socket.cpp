#include "http3/datagram_socket.hpp"

#include <linux/filter.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace armature::http3 {

namespace {

constexpr std::size_t control_size = CMSG_SPACE(sizeof(in6_pktinfo)) + 3 * CMSG_SPACE(sizeof(int));

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

void set(int descriptor, int level, int option, int value) noexcept {
    ::setsockopt(descriptor, level, option, &value, sizeof value);
}

// Gives each packet to the socket whose index is the connection id's first two bytes modulo the
// number of sockets. A client's first packet names a random id, so that is the load balancing; our
// own ids name their worker, so a connection stays where it is, whatever its client's address.
void steer(int descriptor, unsigned sockets) {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80, 0, 2), // long header?
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),            // after version and length
        BPF_STMT(BPF_JMP | BPF_JA, 1),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 1),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, sockets),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    const sock_fprog filter{sizeof program / sizeof program[0], program};
    if (::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter) != 0)
        fail("SO_ATTACH_REUSEPORT_CBPF");
}

int open_socket(const Address& address, bool shared, int buffer_bytes) {
    const int family = address.any.sa_family;
    const int descriptor = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) fail("socket");
    if (shared) set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    set(descriptor, SOL_SOCKET, SO_RCVBUF, buffer_bytes);
    set(descriptor, SOL_SOCKET, SO_SNDBUF, buffer_bytes);
    // Which of our addresses a packet came to, its ECN marks; and no fragments, so that the path's
    // MTU can be found out.
    if (family == AF_INET6) {
        set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
        set(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        set(descriptor, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
        set(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    } else {
        set(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
    }
    set(descriptor, IPPROTO_IP, IP_RECVTOS, 1);
    set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    set(descriptor, SOL_UDP, UDP_GRO, 1);
    if (::bind(descriptor, &address.any, address.size) != 0) {
        const int error = errno;
        ::close(descriptor);
        errno = error;
        fail("bind");
    }
    return descriptor;
}

Address bound_address(int descriptor) noexcept {
    Address address;
    address.size = sizeof address.ipv6;
    ::getsockname(descriptor, &address.any, &address.size);
    return address;
}

} // namespace

std::vector<std::unique_ptr<DatagramSocket>>
DatagramSocket::open(const Address& address, unsigned copies, int buffer_bytes) {
    // SO_REUSEPORT would let a second process take part in the traffic unnoticed, so the port must
    // be free before it is shared.
    if (copies > 1 && address.port() != 0) {
        const int probe = open_socket(address, false, buffer_bytes);
        ::close(probe);
    }
    std::vector<std::unique_ptr<DatagramSocket>> sockets;
    Address bound = address;
    for (unsigned i = 0; i < copies; ++i) {
        const int descriptor = open_socket(bound, copies > 1, buffer_bytes);
        bound = bound_address(descriptor);
        sockets.emplace_back(new DatagramSocket{descriptor, bound});
    }
    if (copies > 1) steer(sockets.front()->descriptor(), copies);
    return sockets;
}

DatagramSocket::DatagramSocket(int descriptor, const Address& local)
    : descriptor_(descriptor), local_(local), buffers_(batch * buffer_size), received_(batch) {}

DatagramSocket::~DatagramSocket() { ::close(descriptor_); }

int DatagramSocket::fill() {
    mmsghdr messages[batch]{};
    iovec parts[batch];
    alignas(cmsghdr) char control[batch][control_size];
    for (std::size_t i = 0; i < batch; ++i) {
        Received& received = received_[i];
        received.path.remote = Address{};
        parts[i] = {buffers_.data() + i * buffer_size, buffer_size};
        msghdr& message = messages[i].msg_hdr;
        message.msg_name = &received.path.remote.any;
        message.msg_namelen = sizeof received.path.remote.ipv6;
        message.msg_iov = &parts[i];
        message.msg_iovlen = 1;
        message.msg_control = control[i];
        message.msg_controllen = control_size;
    }
    int count = 0;
    do {
        count = ::recvmmsg(descriptor_, messages, batch, MSG_DONTWAIT, nullptr);
    } while (count < 0 && errno == EINTR);
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        msghdr& message = messages[at].msg_hdr;
        Received& received = received_[at];
        received.path.remote.size = message.msg_namelen;
        received.path.local = local_;
        received.path.ecn = 0;
        received.bytes = {static_cast<char*>(parts[at].iov_base), messages[at].msg_len};
        received.segment = received.bytes.size();
        for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
            const void* data = CMSG_DATA(c);
            if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                const auto& info = *static_cast<const in_pktinfo*>(data);
                received.path.local.ipv4.sin_addr = info.ipi_addr;
            } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
                const auto& info = *static_cast<const in6_pktinfo*>(data);
                received.path.local.ipv6.sin6_addr = info.ipi6_addr;
            } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
                received.path.ecn = *static_cast<const std::uint8_t*>(data) & 3;
            } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
                int traffic_class = 0;
                std::memcpy(&traffic_class, data, sizeof traffic_class);
                received.path.ecn = static_cast<std::uint8_t>(traffic_class & 3);
            } else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
                int segment = 0;
                std::memcpy(&segment, data, sizeof segment);
                if (segment > 0) received.segment = static_cast<std::size_t>(segment);
            }
        }
    }
    return count;
}

PacketSink::Sent DatagramSocket::send(const Path& path, std::string_view bytes,
                                      std::size_t segment) {
    if (segments_ || bytes.size() <= segment) {
        const Sent sent = send_one(path, bytes, segment);
        if (segments_ || bytes.size() <= segment || sent == Sent::blocked) return sent;
    }
    while (!bytes.empty()) {
        const std::string_view one = bytes.substr(0, segment);
        bytes.remove_prefix(one.size());
        // A part of a burst can be lost without harm; the whole of it must not be kept.
        if (send_one(path, one, segment) == Sent::blocked) break;
    }
    return Sent::yes;
}

PacketSink::Sent DatagramSocket::send_one(const Path& path, std::string_view bytes,
                                          std::size_t segment) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[control_size] = {};
    msghdr message{};
    message.msg_name = const_cast<sockaddr*>(&path.remote.any);
    message.msg_namelen = path.remote.size;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    std::size_t used = 0;
    const auto add = [&](int level, int type, const auto& value) {
        c->cmsg_level = level;
        c->cmsg_type = type;
        c->cmsg_len = CMSG_LEN(sizeof value);
        std::memcpy(CMSG_DATA(c), &value, sizeof value);
        used += CMSG_SPACE(sizeof value);
        c = reinterpret_cast<cmsghdr*>(control + used);
    };
    if (path.local.is_ipv6()) {
        in6_pktinfo info{};
        info.ipi6_addr = path.local.ipv6.sin6_addr;
        add(IPPROTO_IPV6, IPV6_PKTINFO, info);
    } else {
        in_pktinfo info{};
        info.ipi_spec_dst = path.local.ipv4.sin_addr;
        add(IPPROTO_IP, IP_PKTINFO, info);
    }
    if (path.ecn != 0) {
        const int ecn = path.ecn;
        if (path.remote.is_ipv6() && !path.remote.is_mapped())
            add(IPPROTO_IPV6, IPV6_TCLASS, ecn);
        else
            add(IPPROTO_IP, IP_TOS, ecn);
    }
    if (bytes.size() > segment) add(SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment));
    message.msg_controllen = used;

    for (;;) {
        if (::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return Sent::yes;
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Sent::blocked;
        // A device that can't compute checksums of segments; from now on we split.
        if (errno == EIO && bytes.size() > segment) segments_ = false;
        return Sent::yes;
    }
}

} // namespace armature::http3
