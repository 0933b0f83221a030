#include "net/socket_owner.h"

#include "base/unique_fd.h"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nimbus::net {
namespace {

struct Request {
    nlmsghdr header{};
    inet_diag_req_v2 question{};
};

struct Answer {
    nlmsghdr header;
    inet_diag_msg socket;
};

Request request_for(LoopbackEnd end, LoopbackEnd other)
{
    Request request;
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.question.sdiag_family = AF_INET;
    request.question.sdiag_protocol = IPPROTO_TCP;
    request.question.idiag_states = ~0U;
    auto& id = request.question.id;
    id.idiag_sport = htons(end.port);
    id.idiag_dport = htons(other.port);
    id.idiag_src[0] = htonl(end.address);
    id.idiag_dst[0] = htonl(other.address);
    id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return request;
}

} // namespace

std::optional<uid_t> loopback_socket_owner(LoopbackEnd end, LoopbackEnd other)
{
    const UniqueFd table(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!table)
        return std::nullopt;
    const auto request = request_for(end, other);
    if (::send(table.get(), &request, sizeof request, 0) != sizeof request)
        return std::nullopt;
    // The kernel answers within the call to send: what is not there now does not come.
    std::array<char, 4096> buffer;
    const auto got = ::recv(table.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    Answer answer{};
    if (got < static_cast<ssize_t>(sizeof answer))
        return std::nullopt;
    std::memcpy(&answer, buffer.data(), sizeof answer);
    // A listener answers for connections, too, that are not in the table: the ports tell.
    if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
        answer.socket.id.idiag_sport != htons(end.port) ||
        answer.socket.id.idiag_dport != htons(other.port))
        return std::nullopt;
    return answer.socket.idiag_uid;
}

} // namespace nimbus::net
