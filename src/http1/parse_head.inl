// The head parser proper. parser.cpp includes this file once for each instruction set, inside a
// namespace that defines
//   std::uint64_t control_mask(const char*)       controls (HTAB included) among 64 bytes
//   std::uint32_t equal_mask(const char*, char)   a given character among 32 bytes
//   std::uint32_t not_token_mask(const char*)     what is no tchar among 32 bytes
//   std::uint32_t not_target_mask(const char*)    what can't be in a target among 32 bytes
//   std::uint32_t not_plain_path_mask(const char*)  what is special in a path, or ends it
//   std::uint32_t differing_mask(const char*, const char*)  where 32 bytes differ from 32 others
//   std::uint32_t not_reg_name_mask(const char*)  what can't be in a host name among 32 bytes
//   Field known_field(const char*, std::size_t)   the id of a name; a colon must follow it, and it
//                                                 must not hold controls
// In each, bit i stands for byte i. Only the lowest set bit has to be right.
//
// Functions return true to go on. On false they have set the stage: either `failed`, or where to go
// on when there are more bytes. To be independent of how the bytes are cut, a decision is taken
// from the bytes up to a certain one, never from how many there are.

using Stage = detail::HeadState::Stage;

struct Run {
    detail::HeadState& state;
    const char* const data;
    const char* const end;
    const HeadLimits& limits;
    ParsedHead& out;
    Headers& fields;

    bool pause(Stage stage, const char* at) const noexcept {
        state.stage = stage;
        state.scan = static_cast<std::uint32_t>(at - data);
        return false;
    }
    bool fail(ParseError error) const noexcept {
        state.stage = Stage::failed;
        state.error = error;
        return false;
    }
    std::uint32_t offset(const char* at) const noexcept {
        return static_cast<std::uint32_t>(at - data);
    }
};

inline const char* find_control(const char* at, const char* end) noexcept {
    for (; at < end; at += 64)
        if (const std::uint64_t mask = control_mask(at)) {
            at += std::countr_zero(mask);
            return at < end ? at : end;
        }
    return end;
}

inline const char* find_not_token(const char* at, const char* end) noexcept {
    for (; at < end; at += 32)
        if (const std::uint32_t mask = not_token_mask(at)) {
            at += std::countr_zero(mask);
            return at < end ? at : end;
        }
    return end;
}

inline const char* find_not_target(const char* at, const char* end) noexcept {
    for (; at < end; at += 32)
        if (const std::uint32_t mask = not_target_mask(at)) {
            at += std::countr_zero(mask);
            return at < end ? at : end;
        }
    return end;
}

inline bool is_host_value(const char* host, std::size_t size) noexcept {
    const auto name_size = static_cast<std::size_t>(std::countr_zero(not_reg_name_mask(host)));
    if (name_size >= size && size <= 32) return true;
    if (name_size < 32 && host[name_size] == ':')
        return is_port({host + name_size + 1, size - name_size - 1});
    return is_authority({host, size});
}

// The fields that say how to read on. Connection, Content-Length, Expect, Host, Transfer-Encoding.
inline bool note_field(const Run& run, Field field, const char* value, std::size_t size) noexcept {
    detail::HeadState& state = run.state;
    ParsedHead& out = run.out;
    switch (field) {
    case Field::host:
        if (state.has_host) return run.fail(ParseError::multiple_hosts);
        if (size != state.known_host.size || size == 0 ||
            static_cast<std::size_t>(
                std::countr_zero(differing_mask(value, state.known_host.text))) < size) {
            if (!is_host_value(value, size)) return run.fail(ParseError::bad_host);
            if (size <= sizeof state.known_host.text) {
                std::memcpy(state.known_host.text, value, sizeof state.known_host.text);
                state.known_host.size = static_cast<std::uint8_t>(size);
            }
        }
        state.has_host = true;
        state.host = run.offset(value);
        state.host_size = static_cast<std::uint32_t>(size);
        return true;
    case Field::content_length:
        if (out.has_content_length) return run.fail(ParseError::multiple_content_lengths);
        if (!read_decimal({value, size}, out.content_length))
            return run.fail(ParseError::bad_content_length);
        out.has_content_length = true;
        return true;
    case Field::connection:
        return note_connection(state, out, {value, size}) || run.fail(ParseError::bad_connection);
    case Field::transfer_encoding:
        state.has_transfer_encoding = true;
        return true;
    case Field::expect:
        if (out.minor_version == 0) return true;
        if (!equal_ignoring_case({value, size}, "100-continue"))
            return run.fail(ParseError::unsupported_expectation);
        out.expect_continue = true;
        return true;
    default:
        return true;
    }
}

inline bool accept_field(const Run& run, const char* name, std::size_t name_size, Field field,
                         const char* value, const char* value_end) noexcept {
    if (value[0] == ' ' && value[1] > ' ' && value_end[-1] > ' ') [[likely]] {
        ++value;
    } else {
        while (value < value_end && is_space(*value))
            ++value;
        while (value < value_end && is_space(value_end[-1]))
            --value_end;
    }
    const auto size = static_cast<std::size_t>(value_end - value);
    run.fields.append_view(field, {name, name_size}, {value, size});
    return !says_how_to_read[static_cast<std::size_t>(field)] ||
           note_field(run, field, value, size);
}

// One field line byte by byte as far as it goes: long or cut lines, and wrong ones.
__attribute__((noinline)) inline bool any_field_line(const Run& run, const char*& at) noexcept {
    detail::HeadState& state = run.state;
    if (state.stage != Stage::name && state.stage != Stage::value) state.line = run.offset(at);
    const char* const name = run.data + state.line;
    if (state.stage != Stage::value) {
        const char* const name_end = find_not_token(at, run.end);
        if (name_end - name > 0xffff) return run.fail(ParseError::head_too_large);
        if (name_end == run.end) return run.pause(Stage::name, name_end);
        if (name_end == name && is_space(*name)) return run.fail(ParseError::folded_field);
        if (name_end == name && *name == '\n') return run.fail(ParseError::bad_line_end);
        if (name_end == name || *name_end != ':') return run.fail(ParseError::bad_field_name);
        state.name_size = static_cast<std::uint32_t>(name_end - name);
        at = name_end + 1;
    }
    at = find_control(at, run.end);
    while (at < run.end && *at == '\t')
        at = find_control(at + 1, run.end);
    if (at == run.end) return run.pause(Stage::value, at);
    if (*at == '\n') return run.fail(ParseError::bad_line_end);
    if (*at != '\r') return run.fail(ParseError::bad_field_value);
    if (at + 1 == run.end) return run.pause(Stage::value, at);
    if (at[1] != '\n') return run.fail(ParseError::bad_line_end);
    state.stage = Stage::line;
    const char* const value_end = at;
    at += 2;
    return accept_field(run, name, state.name_size, field_from_name({name, state.name_size}),
                        name + state.name_size + 1, value_end);
}

// Field lines and the blank line.
inline bool field_lines(const Run& run, const char*& at) noexcept {
    if (run.state.stage != Stage::line && !any_field_line(run, at)) return false;
    for (;;) {
        if (at >= run.end) return run.pause(Stage::line, at);
        if (*at == '\r') {
            if (at + 1 == run.end) return run.pause(Stage::line, at);
            if (at[1] != '\n') return run.fail(ParseError::bad_line_end);
            at += 2;
            return true;
        }
        if (run.fields.size() >= run.limits.field_count)
            return run.fail(ParseError::too_many_fields);

        const std::uint64_t controls = control_mask(at);
        // Nearly every client sends Host first and spells it so.
        if (std::memcmp(at, "Host: ", 6) == 0) {
            const char* const line_end = at + std::countr_zero(controls);
            if (controls != 0 && line_end + 1 < run.end && std::memcmp(line_end, "\r\n", 2) == 0 &&
                line_end > at + 6 && at[6] > ' ' && line_end[-1] > ' ') [[likely]] {
                const char* const name = at;
                const auto size = static_cast<std::size_t>(line_end - name - 6);
                at = line_end + 2;
                run.fields.append_view(Field::host, {name, 4}, {name + 6, size});
                if (!note_field(run, Field::host, name + 6, size)) return false;
                continue;
            }
        }
        const std::uint32_t colons = equal_mask(at, ':');
        const auto name_size = static_cast<std::size_t>(std::countr_zero(colons));
        const char* const line_end =
            controls ? at + std::countr_zero(controls) : find_control(at + 64, run.end);
        // Anything unusual takes the other way: a name that is long or empty, a line that isn't
        // all there, a line that doesn't end where its first control character is.
        if (name_size - 1 < 31 && at + name_size < line_end && line_end + 1 < run.end &&
            std::memcmp(line_end, "\r\n", 2) == 0) [[likely]] {
            const Field field = known_field(at, name_size);
            // A name that is known is a token.
            if (field != Field::other || find_not_token(at, at + name_size) == at + name_size)
                [[likely]] {
                const char* const name = at;
                at = line_end + 2;
                if (!accept_field(run, name, name_size, field, name + name_size + 1, line_end))
                    return false;
                continue;
            }
        }
        if (!any_field_line(run, at)) return false;
    }
}

inline bool method(const Run& run, const char*& at) noexcept {
    const char* const begin = run.data + run.state.method;
    if (run.end - begin >= 4 && std::memcmp(begin, "GET ", 4) == 0) {
        run.out.method = Method::get;
        at = begin + 3;
    } else {
        at = find_not_token(at, run.end);
        if (at == run.end) return run.pause(Stage::method, at);
        if (at == begin || *at != ' ')
            return run.fail(*at == '\n' ? ParseError::bad_line_end : ParseError::bad_method);
        run.out.method = method_from_token({begin, static_cast<std::size_t>(at - begin)});
    }
    ++at;
    run.state.target = run.offset(at);
    return true;
}

inline bool target(const Run& run, const char*& at) noexcept {
    const char* const begin = run.data + run.state.target;
    // The usual one first: a short path and nothing to decode, to resolve or to split off.
    const std::uint32_t special = not_plain_path_mask(at);
    if (at == begin && *at == '/' && special != 0 && at + std::countr_zero(special) < run.end &&
        at[std::countr_zero(special)] == ' ') [[likely]] {
        const auto size = static_cast<std::size_t>(std::countr_zero(special));
        if (size > run.limits.target_bytes) return run.fail(ParseError::target_too_long);
        run.state.target_size = static_cast<std::uint32_t>(size);
        run.state.plain_path = true;
        at += size + 1;
        return true;
    }
    at = find_not_target(at, run.end);
    const auto size = static_cast<std::size_t>(at - begin);
    if (size > run.limits.target_bytes) return run.fail(ParseError::target_too_long);
    if (at == run.end) return run.pause(Stage::target, at);
    // A line that ends here is an HTTP/0.9 request.
    if (*at == '\r' || *at == '\n') return run.fail(ParseError::bad_version);
    if (size == 0 || *at != ' ') return run.fail(ParseError::bad_target);
    run.state.target_size = static_cast<std::uint32_t>(size);
    ++at;
    return true;
}

// The version and the end of the line; `at` stays at its start until all of it is there.
inline bool version(const Run& run, const char*& at) noexcept {
    constexpr std::size_t size = 8;
    if (run.end - at >= 10 && std::memcmp(at, "HTTP/1.", 7) == 0 && (at[7] & 0xfe) == '0' &&
        at[8] == '\r' && at[9] == '\n') [[likely]] {
        run.out.minor_version = static_cast<std::uint8_t>(at[7] - '0');
        run.out.protocol = at[7] == '0' ? Protocol::http_1_0 : Protocol::http_1_1;
        at += size + 2;
        return true;
    }
    const std::string_view text(at, static_cast<std::size_t>(run.end - at));
    for (std::size_t i = 0; i < text.size() && i < size; ++i)
        if (i == 5 || i == 7 ? !is_digit(text[i]) : text[i] != "HTTP/1.1"[i])
            return run.fail(ParseError::bad_version);
    if (text.size() < size) return run.pause(Stage::version, at);
    if (text[5] != '1' || text[7] > '1') return run.fail(ParseError::unsupported_version);
    if (text.size() > size && text[size] != '\r')
        return run.fail(text[size] == '\n' ? ParseError::bad_line_end : ParseError::bad_version);
    if (text.size() > size + 1) return run.fail(ParseError::bad_line_end);
    return run.pause(Stage::version, at);
}

// An empty line may come before the request line (RFC 9112 §2.2).
inline bool start(const Run& run, const char*& at) noexcept {
    if (at == run.end) return run.pause(Stage::start, at);
    if (*at == '\r') {
        if (at + 1 == run.end) return run.pause(Stage::start, at);
        if (at[1] != '\n') return run.fail(ParseError::bad_line_end);
        at += 2;
    }
    detail::HeadState& state = run.state;
    state.method = run.offset(at);
    state.host_size = state.host = 0;
    state.has_host = state.has_transfer_encoding = false;
    state.says_close = state.says_keep_alive = state.plain_path = false;
    ParsedHead& out = run.out;
    out.expect_continue = out.upgrade = out.chunked = false;
    out.has_content_length = false;
    out.content_length = 0;
    run.fields.clear();
    return true;
}

inline void split_target(ParsedHead& out, std::string_view rest) noexcept {
    std::size_t path_size = rest.size();
    if (rest.size() <= 32) {
        const std::uint32_t question = equal_mask(rest.data(), '?');
        const auto at = static_cast<std::size_t>(std::countr_zero(question));
        if (at < path_size) path_size = at;
        const std::uint32_t percent = equal_mask(rest.data(), '%');
        out.path_has_percent = static_cast<std::size_t>(std::countr_zero(percent)) < path_size;
        const std::uint32_t dot = equal_mask(rest.data(), '.');
        out.path_has_dot = static_cast<std::size_t>(std::countr_zero(dot)) < path_size;
    } else {
        if (const void* question = std::memchr(rest.data(), '?', rest.size()))
            path_size = static_cast<std::size_t>(static_cast<const char*>(question) - rest.data());
        out.path_has_percent = std::memchr(rest.data(), '%', path_size) != nullptr;
        out.path_has_dot = std::memchr(rest.data(), '.', path_size) != nullptr;
    }
    out.path = {rest.data(), path_size};
    out.has_query = path_size < rest.size();
    out.query = out.has_query ? rest.substr(path_size + 1) : std::string_view{};
}

inline bool finish(const Run& run, const char* at) noexcept {
    detail::HeadState& state = run.state;
    ParsedHead& out = run.out;
    if (!state.has_host && out.minor_version != 0) return run.fail(ParseError::missing_host);
    if (state.has_transfer_encoding) {
        const ParseError error = check_transfer_encoding(out, run.fields);
        if (error != ParseError::none) return run.fail(error);
        out.chunked = true;
    }
    out.method_text = {run.data + state.method, state.target - 1 - state.method};
    out.target = {run.data + state.target, state.target_size};
    out.authority = {run.data + state.host, state.host_size};
    if (state.plain_path && out.method != Method::connect) [[likely]] {
        out.form = TargetForm::origin;
        out.path = out.target;
        out.query = {};
        out.has_query = out.path_has_percent = out.path_has_dot = false;
    } else if (out.target[0] == '/' && out.method != Method::connect) {
        out.form = TargetForm::origin;
        split_target(out, out.target);
    } else {
        std::string_view rest;
        if (!other_target(out, rest)) return run.fail(ParseError::bad_target);
        split_target(out, rest);
        if (out.form == TargetForm::absolute && out.path.empty()) out.path = "/";
    }
    out.keep_alive = !state.says_close && (out.minor_version != 0 || state.says_keep_alive);
    out.upgrade = out.upgrade && out.minor_version != 0;
    out.size = static_cast<std::size_t>(at - run.data);
    state.stage = Stage::start;
    state.scan = 0;
    return true;
}

inline bool head(const Run& run) noexcept {
    const char* at = run.data + run.state.scan;
    switch (run.state.stage) {
    case Stage::start:
        if (!start(run, at)) return false;
        [[fallthrough]];
    case Stage::method:
        if (!method(run, at)) return false;
        [[fallthrough]];
    case Stage::target:
        if (!target(run, at)) return false;
        [[fallthrough]];
    case Stage::version:
        if (!version(run, at)) return false;
        run.state.stage = Stage::line;
        [[fallthrough]];
    case Stage::line:
    case Stage::name:
    case Stage::value:
        return field_lines(run, at) && finish(run, at);
    case Stage::failed:
        return false;
    }
    return false;
}

inline ParseStatus parse(detail::HeadState& state, const char* data, std::size_t size,
                         const HeadLimits& limits, ParsedHead& out,
                         Headers& fields) noexcept {
    const std::size_t used = size < limits.head_bytes ? size : limits.head_bytes;
    if (state.scan != 0 && data != state.data) {
        fields.rebase(state.data, state.size, data);
    }
    if (head(Run{state, data, data + used, limits, out, fields})) [[likely]]
        return ParseStatus::complete;
    if (state.stage == Stage::failed) return ParseStatus::error;
    if (size >= limits.head_bytes) {
        state.stage = Stage::failed;
        state.error = ParseError::head_too_large;
        return ParseStatus::error;
    }
    state.data = data;
    state.size = size;
    return ParseStatus::incomplete;
}
