#include "core/characters.hpp"

#include <armature/core/uuid.hpp>
#include <armature/middleware/request_id.hpp>

#include <pthread.h>

#include <cstring>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::size_t longest_client_id = 256;
constexpr CharacterSet id_characters = CharacterSet::alphanumeric_and("-._~+/=:@");

// A thread's ids: a random UUID whose last 16 bits count. The 106 random bits before them are drawn
// anew for every 65,536 ids, which makes the system's randomness cost nothing.
struct Generator {
    static constexpr std::size_t size = 36;
    static constexpr std::size_t counting = 4; ///< digits
    static constexpr std::uint32_t end = 1u << (4 * counting);

    char prefix[size - counting];
    std::uint32_t next;
};
constinit thread_local Generator generator{{}, Generator::end};

constexpr auto hex_pairs = [] {
    struct {
        char text[256][2];
    } table{};
    for (unsigned i = 0; i < 256; ++i) {
        table.text[i][0] = "0123456789abcdef"[i >> 4];
        table.text[i][1] = "0123456789abcdef"[i & 15];
    }
    return table;
}();

// A child of fork would go on where its parent is.
void forget_in_child() { generator.next = Generator::end; }

[[gnu::noinline]] void draw(Generator& to) {
    [[maybe_unused]] static const int registered =
        pthread_atfork(nullptr, nullptr, &forget_in_child);
    char text[Generator::size];
    TextForm<Uuid>::write(text, Uuid::v4());
    std::memcpy(to.prefix, text, sizeof to.prefix);
    to.next = 0;
}

std::string_view make_id(Arena& arena) {
    Generator& from = generator;
    if (from.next == Generator::end) [[unlikely]]
        draw(from);
    const std::uint32_t number = from.next++;
    auto* const text = static_cast<char*>(arena.allocate(Generator::size, 1));
    std::memcpy(text, from.prefix, sizeof from.prefix);
    std::memcpy(text + sizeof from.prefix, hex_pairs.text[number >> 8 & 0xff], 2);
    std::memcpy(text + sizeof from.prefix + 2, hex_pairs.text[number & 0xff], 2);
    return {text, Generator::size};
}

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

RequestId::RequestId(const RequestIdOptions& options) : options_(options) {
    if (options.max_size < 1 || options.max_size > longest_client_id)
        throw std::invalid_argument("armature: RequestId's max_size is 1 to 256 characters");
}

void RequestId::before(Request& request) const {
    if (request.find<CurrentRequestId>() != nullptr) return; // from a scope around
    std::string_view id;
    if (options_.trust_client) id = clients_id(request, options_.max_size);
    Arena& arena = request.arena();
    request.attach(CurrentRequestId{id.empty() ? make_id(arena) : arena.copy(id)});
}

} // namespace armature
