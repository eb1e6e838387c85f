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

constexpr std::string_view line_start = "x-request-id: ";
static_assert(line_start.size() == field_name(Field::x_request_id).size() + 2);
constexpr std::size_t id_size = 36;

// A thread's ids: a random UUID whose last 16 bits count. The 106 random bits before them are drawn
// anew for every 65,536 ids, which makes the system's randomness cost nothing. Kept as the line of
// the response, so that it is written in one go.
struct Generator {
    static constexpr std::size_t counting = 4; ///< digits
    static constexpr std::uint32_t end = 1u << (4 * counting);

    char line[line_start.size() + id_size + 2];
    std::uint32_t next;
};
constinit thread_local Generator generator{{}, Generator::end};

// A child of fork would go on where its parent is.
void forget_in_child() { generator.next = Generator::end; }

[[gnu::noinline]] void draw(Generator& to) {
    [[maybe_unused]] static const int registered =
        pthread_atfork(nullptr, nullptr, &forget_in_child);
    line_start.copy(to.line, line_start.size());
    TextForm<Uuid>::write(to.line + line_start.size(), Uuid::v4());
    std::memcpy(to.line + line_start.size() + id_size, "\r\n", 2);
    to.next = 0;
}

// The id is the value of a line that lives as long as the request.
std::string_view make_id(Arena& arena) {
    Generator& from = generator;
    if (from.next == Generator::end) [[unlikely]]
        draw(from);
    const std::uint32_t number = from.next++;
    auto* const line = static_cast<char*>(arena.allocate(sizeof from.line, 1));
    std::memcpy(line, from.line, sizeof from.line);
    char* const id = line + line_start.size();
    std::memcpy(id + id_size - 4, hex_pairs.text[number >> 8 & 0xff], 2);
    std::memcpy(id + id_size - 2, hex_pairs.text[number & 0xff], 2);
    return {id, id_size};
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
    Arena& arena = request.arena();
    if (options_.trust_client)
        if (const std::string_view id = clients_id(request, options_.max_size); !id.empty()) {
            request.attach(CurrentRequestId{arena.copy(id)});
            return;
        }
    request.attach(CurrentRequestId{make_id(arena)}).is_in_line_ = true;
}

} // namespace armature
