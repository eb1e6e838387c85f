#include "core/characters.hpp"
#include "core/hex_pairs.hpp"

#include <armature/core/uuid.hpp>
#include <armature/middleware/request_id.hpp>

#include <pthread.h>

#include <cstring>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::size_t longest_client_id = 256;
constexpr CharacterSet id_characters = CharacterSet::alphanumeric_and("-._~+/=:@");

// The client's id, or nothing where there is none, several, or one that isn't well-formed.
std::string_view clients_id(const Request& request, std::size_t max_size) {
    std::string_view id;
    unsigned count = 0;
    request.headers().all(Field::x_request_id, [&](std::string_view value) {
        id = value;
        ++count;
    });
    return count == 1 && id.size() <= max_size && id_characters.contains_all(id)
               ? id
               : std::string_view{};
}

} // namespace

// A thread's ids: a random UUID whose last 16 bits count. The 106 random bits before them are drawn
// anew for every 65,536 ids, which makes the system's randomness cost nothing.
struct CurrentRequestId::Generator {
    static constexpr std::uint32_t end = 256; ///< of either byte

    Line line;          ///< with the digits of `high`
    std::uint32_t next; ///< the last two digits
    std::uint32_t high; ///< those before
};
constinit thread_local RequestId::Generator RequestId::generator{
    {}, Generator::end, Generator::end};

inline CurrentRequestId::CurrentRequestId(Generator& from) noexcept
    : text(line_ + name.size() + 2, size) {
    std::memcpy(line_, from.line.text, sizeof(Line));
    std::memcpy(line_ + sizeof(Line) - 4, hex_pairs.text[from.next++], 2);
}

RequestId::RequestId(const RequestIdOptions& options) : options_(options) {
    if (options.max_size < 1 || options.max_size > longest_client_id)
        throw std::invalid_argument("armature: RequestId's max_size is 1 to 256 characters");
}

inline void RequestId::begin_with_new(Request& request) {
    if (generator.next == Generator::end) [[unlikely]]
        return advance(request);
    request.emplace<CurrentRequestId>(generator);
}

void RequestId::begin(Request& request) const {
    // What is rare is called as the last thing, so that what is usual keeps no registers for it.
    if (options_.trust_client) [[unlikely]]
        return begin_with_clients(request);
    begin_with_new(request);
}

void RequestId::begin_with_clients(Request& request) const {
    const std::string_view id = clients_id(request, options_.max_size);
    if (id.empty()) return begin_with_new(request);
    request.emplace<CurrentRequestId>(request.arena().copy(id));
}

void RequestId::advance(Request& request) {
    char* const line = generator.line.text;
    char* const value = line + CurrentRequestId::name.size() + 2;
    char* const end = value + CurrentRequestId::size;
    if (++generator.high >= Generator::end) {
        // A child of fork would go on where its parent is.
        [[maybe_unused]] static const int registered = pthread_atfork(
            nullptr, nullptr, [] { generator.next = generator.high = Generator::end; });
        std::memcpy(line, "x-request-id: ", CurrentRequestId::name.size() + 2);
        TextForm<Uuid>::write(value, Uuid::v4());
        std::memcpy(end, "\r\n", 2);
        generator.high = 0;
    }
    std::memcpy(end - 4, hex_pairs.text[generator.high], 2);
    generator.next = 0;
    begin_with_new(request);
}

} // namespace armature
