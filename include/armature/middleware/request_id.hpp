#pragma once

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace armature {

/// The id of the request under way, which `RequestId` attached: a handler takes
/// `Extension<CurrentRequestId>`, middleware further in calls `request.find<CurrentRequestId>()`.
class CurrentRequestId {
  public:
    explicit CurrentRequestId(std::string_view id) noexcept : text(id) {}
    CurrentRequestId(const CurrentRequestId&) = delete;
    CurrentRequestId& operator=(const CurrentRequestId&) = delete;

    const std::string_view text; ///< lives as long as the request

  private:
    friend class RequestId;
    static constexpr std::string_view name = field_name(Field::x_request_id);
    static constexpr std::size_t size = 36; ///< of a UUID
    /// What the response says.
    struct Line {
        char text[name.size() + 2 + size + 2];
    };

    struct Generator;

  public:
    /// A new one.
    explicit CurrentRequestId(Generator& from) noexcept;

  private:
    char line_[sizeof(Line) + Headers::room_behind_lines];
};

struct RequestIdOptions {
    /// Takes over the client's X-Request-Id. Only for servers behind a proxy of yours that sets or
    /// checks it: whoever may choose the id can have two requests look like one.
    bool trust_client = false;
    /// A client's id that is longer is replaced by one of our own. Characters, 1 to 256.
    std::size_t max_size = 128;
};

/// Middleware that gives each request an id, for logs and for people who ask about an answer, and
/// says it in the response as X-Request-Id.
///
/// An id made here has the form of a random UUID (RFC 9562 §5.4). It is unique across threads and
/// processes, but no secret: those of one thread count up in their last digits. A client's id is
/// taken only if `trust_client` says so, it is the only one in the request, and it has nothing but
/// letters, digits and `-._~+/=:@`; else the request gets a new one.
///
/// A response's own X-Request-Id stays. Cost: about 150 instructions over HTTP/1.1, no
/// allocation.
class RequestId {
  public:
    static constexpr std::string_view name = "request-id";

    RequestId() noexcept = default;
    /// Throws std::invalid_argument for a size out of its bounds.
    explicit RequestId(const RequestIdOptions& options);

    void before(Request& request) const {
        if (request.find<CurrentRequestId>() == nullptr) // else from a scope around
            begin(request);
    }
    void after(Request& request, Response& response) const {
        const CurrentRequestId* const id = request.find<CurrentRequestId>();
        if (id == nullptr || response.headers().contains(Field::x_request_id)) return;
        constexpr std::string_view field = CurrentRequestId::name;
        if (id->text.data() == id->line_ + field.size() + 2) [[likely]]
            response.headers().append_view(Field::x_request_id, {id->line_, field.size()},
                                           {id->text.data(), CurrentRequestId::size}, 1);
        else
            response.headers().append_view(Field::x_request_id, id->text);
    }

  private:
    using Generator = CurrentRequestId::Generator;
    static thread_local Generator generator;
    void begin(Request& request) const;
    void begin_with_clients(Request& request) const;
    static void begin_with_new(Request& request);
    static void advance(Request& request);

    RequestIdOptions options_;
};

} // namespace armature
