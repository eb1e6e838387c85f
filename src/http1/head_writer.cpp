#include "http1/head_parts.hpp"

#include <array>

namespace armature::http1 {

using namespace detail;

namespace {

constexpr std::string_view version = "HTTP/1.1 ";
constexpr std::string_view chunked_field = "transfer-encoding: chunked\r\n";
constexpr std::string_view keep_alive_field = "connection: keep-alive\r\n";
constexpr std::string_view close_field = "connection: close\r\n";

// Rendered status lines. All rows have one size, so that a line is copied by a few instructions.
class StatusLines {
  public:
    struct Row {
        char text[status_line_bound - 1];
        std::uint8_t size;
    };

    StatusLines() noexcept {
        for (unsigned code = first; code < first + rows_.size(); ++code) {
            Row& row = rows_[code - first];
            row = {};
            char* out = row.text;
            out = write_text(out, version);
            for (const unsigned place : {100u, 10u, 1u})
                *out++ = static_cast<char>('0' + code / place % 10);
            *out++ = ' ';
            out = write_text(out, reason(static_cast<Status>(code)));
            out = write_text(out, "\r\n");
            row.size = static_cast<std::uint8_t>(out - row.text);
        }
    }
    const Row& operator[](Status status) const noexcept {
        const unsigned index = unsigned{status_code(status)} - first;
        return rows_[index < rows_.size() ? index : fallback];
    }

  private:
    static constexpr unsigned first = 100;
    static constexpr unsigned fallback = status_code(Status::internal_server_error) - first;
    std::array<Row, 900> rows_;
};
const StatusLines status_lines;

[[gnu::always_inline]] inline char* put_status_line(char* out, Status status) noexcept {
    const StatusLines::Row& row = status_lines[status];
    std::memcpy(out, &row, sizeof row);
    return out + row.size;
}

} // namespace

char* write_status_line(char* out, Status status) noexcept { return put_status_line(out, status); }

char* write_decimal(char* out, std::uint64_t number) noexcept { return write_number(out, number); }

char* write_chunk_size(char* out, std::uint64_t size) noexcept {
    char digits[16];
    char* const end = digits + sizeof digits;
    char* at = end;
    do
        *--at = "0123456789abcdef"[size & 15];
    while ((size >>= 4) != 0);
    return write_text(write_text(out, {at, static_cast<std::size_t>(end - at)}), "\r\n");
}

std::size_t fields_bound(const Headers& fields) noexcept {
    std::size_t size = Headers::room_behind_lines;
    for (const Headers::Entry& entry : fields)
        size += entry.name().size() + entry.value().size() + std::strlen(": \r\n");
    return size;
}

char* write_fields(char* out, const Headers& fields) noexcept { return put_fields(out, fields); }

std::size_t head_bound(const ResponseHead& head) noexcept {
    constexpr std::size_t fixed = status_line_bound + keep_alive_field.size() +
                                  chunked_field.size() + content_length_name.size() +
                                  decimal_bound + 4;
    return fixed + head.common_fields.size() + (head.fields ? fields_bound(*head.fields) : 0);
}

char* write_head(char* out, const ResponseHead& head) noexcept {
    out = put_status_line(out, head.status);
    out = write_text(out, head.common_fields);
    if (head.fields) out = put_fields(out, *head.fields);
    if (head.persistence != Persistence::implied)
        out = write_text(out,
                         head.persistence == Persistence::close ? close_field : keep_alive_field);
    if (head.framing == Framing::length) {
        out = write_text(out, content_length_name);
        out = put_length(out, head.content_length);
        out = write_text(out, "\r\n");
    } else if (head.framing == Framing::chunked) {
        out = write_text(out, chunked_field);
    }
    return write_text(out, "\r\n");
}

} // namespace armature::http1
