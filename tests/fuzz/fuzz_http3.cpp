#include "http3/memory_client.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

// The input is a list of steps. A client with a connection of its own takes them: it sends bytes on
// streams, so that HTTP/3 sees what no client would send, and changes datagrams or invents them, so
// that QUIC does. Whatever happens, another client must be served afterwards, and nothing may be
// left running when the server ends.

namespace {

using namespace armature;
using namespace armature::testing;

void require(bool condition) {
    if (!condition) std::abort();
}

struct Steps {
    std::string_view rest;

    std::uint8_t byte() {
        if (rest.empty()) return 0;
        const auto value = static_cast<std::uint8_t>(rest.front());
        rest.remove_prefix(1);
        return value;
    }
    std::string_view bytes(std::size_t count) {
        const std::string_view taken = rest.substr(0, count);
        rest.remove_prefix(taken.size());
        return taken;
    }
};

// Changes a byte of the next datagram, once.
struct Change {
    std::size_t at = 0;
    char by = 0;
    static void apply(std::string& datagram, void* argument) {
        auto& change = *static_cast<Change*>(argument);
        if (change.by != 0 && !datagram.empty()) datagram[change.at % datagram.size()] ^= change.by;
        change.by = 0;
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    Steps steps{{reinterpret_cast<const char*>(data), size}};
    QuietEndpoint server;
    Change change;
    {
        MemoryClient client{server};
        client.tamper = &Change::apply;
        client.tamper_argument = &change;
        client.settle();
        std::vector<std::int64_t> streams;
        std::int64_t stream = -1;
        const auto open = [&](bool both_ways) {
            stream = client.open(both_ways);
            if (stream >= 0) streams.push_back(stream);
        };
        while (!steps.rest.empty() && client.error == 0) {
            switch (steps.byte() % 10) {
            case 0:
                open(true);
                break;
            case 1:
                open(false);
                break;
            case 2:
            case 3:
                if (stream >= 0) client.send(stream, steps.bytes(steps.byte()));
                break;
            case 4:
                if (stream >= 0) client.send(stream, steps.bytes(steps.byte()), true);
                break;
            case 5:
                if (stream >= 0)
                    http3::quic::shutdown_stream_write(client.quic(), stream, steps.byte());
                break;
            case 6:
                if (stream >= 0)
                    http3::quic::shutdown_stream_read(client.quic(), stream, steps.byte());
                break;
            case 7:
                if (!streams.empty()) stream = streams[steps.byte() % streams.size()];
                break;
            case 8:
                change.at = steps.byte();
                change.by = static_cast<char>(steps.byte());
                break;
            default:
                static_cast<void>(server.receive(steps.bytes(steps.byte())));
                break;
            }
        }
        client.settle();
    }
    MemoryClient other{server};
    other.settle();
    require(other.is_connected());
    server.endpoint().abort();
    static_cast<void>(server.flush());
    require(server.endpoint().at_rest());
    return 0;
}
