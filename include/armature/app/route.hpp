#pragma once

#include <armature/app/layer.hpp>
#include <armature/core/owned.hpp>
#include <armature/routing/pattern.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

namespace detail {

// What a route says of itself.
struct OperationNotes {
    OperationInfo info;
    std::vector<DocumentHook> hooks;
};

struct MethodHandler {
    Method method;
    bool any;
    HandlerDefinition handler;
    Owned<OperationNotes> notes = nullptr; ///< null without any
};

// The handlers of one path. Four cover nearly every path, so registering allocates nothing.
class MethodHandlers {
  public:
    static constexpr std::size_t inline_capacity = 4;

    void add(Method method, bool any, HandlerDefinition handler);
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] MethodHandler& operator[](std::size_t index) noexcept;

  private:
    std::size_t size_ = 0;
    MethodHandler inline_[inline_capacity] = {};
    Owned<std::vector<MethodHandler>> more_;
};

// Its special members are the library's, so that each user of it needn't compile them.
struct MethodRoutesBase {
    MethodRoutesBase();
    MethodRoutesBase(MethodRoutesBase&&) noexcept;
    MethodRoutesBase& operator=(MethodRoutesBase&&) noexcept;
    ~MethodRoutesBase();

    [[nodiscard]] LayerData& layer_data() noexcept { return layer; }
    /// The notes of the handler that was added last.
    OperationNotes& notes();
    void add_tag(std::string text);
    void add(DocumentHook hook);

    MethodHandlers handlers;
    LayerData layer;
    std::string name;
};

// Never defined: their names are the compiler's error message for a bad pattern.
void route_pattern_is_malformed__see_PatternError_for_what_is_allowed();
void route_pattern_must_start_with_a_slash();
void route_pattern_has_an_unclosed_brace();
void route_pattern_has_two_parameters_with_the_same_name();
void route_pattern_has_an_unknown_constraint();
void route_pattern_has_an_empty_segment();
void route_pattern_has_more_parameters_than_the_handler_takes_as_Path_arguments();
void route_pattern_has_fewer_parameters_than_the_handler_takes_as_Path_arguments();

constexpr void explain_pattern(PatternError error) {
    switch (error) {
    case PatternError::ok:
        return;
    case PatternError::missing_leading_slash:
        return route_pattern_must_start_with_a_slash();
    case PatternError::unclosed_brace:
        return route_pattern_has_an_unclosed_brace();
    case PatternError::duplicate_parameter_name:
        return route_pattern_has_two_parameters_with_the_same_name();
    case PatternError::unknown_constraint:
        return route_pattern_has_an_unknown_constraint();
    case PatternError::empty_segment:
        return route_pattern_has_an_empty_segment();
    default:
        return route_pattern_is_malformed__see_PatternError_for_what_is_allowed();
    }
}

} // namespace detail

/// The handlers of one path, made by `get`, `post` and so on, and what applies to all of them.
/// `PathCount` is how many `Path` arguments they take, 0 for handlers that take none.
template <std::size_t PathCount>
class MethodRoutes : public detail::MethodRoutesBase,
                     public detail::Layer<MethodRoutes<PathCount>> {
  public:
    MethodRoutes() = default;
    explicit MethodRoutes(detail::MethodRoutesBase&& base)
        : detail::MethodRoutesBase(std::move(base)) {}

    template <class F>
    auto get(F h) && {
        return with(Method::get, std::move(h));
    }
    template <auto Function>
    auto get() && {
        return with(Method::get, detail::member_handler<Function>());
    }
    template <class F>
    auto post(F h) && {
        return with(Method::post, std::move(h));
    }
    template <auto Function>
    auto post() && {
        return with(Method::post, detail::member_handler<Function>());
    }
    template <class F>
    auto put(F h) && {
        return with(Method::put, std::move(h));
    }
    template <auto Function>
    auto put() && {
        return with(Method::put, detail::member_handler<Function>());
    }
    template <class F>
    auto patch(F h) && {
        return with(Method::patch, std::move(h));
    }
    template <auto Function>
    auto patch() && {
        return with(Method::patch, detail::member_handler<Function>());
    }
    template <class F>
    auto delete_(F h) && {
        return with(Method::delete_, std::move(h));
    }
    template <auto Function>
    auto delete_() && {
        return with(Method::delete_, detail::member_handler<Function>());
    }
    template <class F>
    auto head(F h) && {
        return with(Method::head, std::move(h));
    }
    template <auto Function>
    auto head() && {
        return with(Method::head, detail::member_handler<Function>());
    }
    template <class F>
    auto options(F h) && {
        return with(Method::options, std::move(h));
    }
    template <auto Function>
    auto options() && {
        return with(Method::options, detail::member_handler<Function>());
    }
    template <class F>
    auto any(F h) && {
        return with(Method::get, std::move(h), true);
    }
    template <auto Function>
    auto any() && {
        return with(Method::get, detail::member_handler<Function>(), true);
    }

    /// The name for `url_for`.
    MethodRoutes&& named(std::string text) && {
        name = std::move(text);
        return std::move(*this);
    }
    /// What documents say of the handler written before: `get(list).summary("All users")
    /// .post(add).summary("Adds a user")`. The summary is one line, the description Markdown.
    MethodRoutes&& summary(std::string text) && {
        notes().info.summary = std::move(text);
        return std::move(*this);
    }
    MethodRoutes&& description(std::string text) && {
        notes().info.description = std::move(text);
        return std::move(*this);
    }
    /// A group it belongs to; added to those of its scopes.
    MethodRoutes&& tag(std::string text) && {
        add_tag(std::move(text));
        return std::move(*this);
    }
    /// Its name in generated clients; derived from the method and the path unless given.
    MethodRoutes&& operation_id(std::string text) && {
        notes().info.operation_id = std::move(text);
        return std::move(*this);
    }
    MethodRoutes&& deprecated() && {
        notes().info.deprecated = true;
        return std::move(*this);
    }
    /// Leaves it out of documents; it is served all the same.
    MethodRoutes&& hidden() && {
        notes().info.hidden = true;
        return std::move(*this);
    }
    /// Anything else, after what is known from its types: `.document([](OperationInfo& operation) {
    /// operation.error(Status::conflict).description = "The name is taken"; })`.
    MethodRoutes&& document(DocumentHook hook) && {
        add(hook);
        return std::move(*this);
    }

    /// For `get`, `post` and so on.
    template <class F>
    auto with(Method method, F handler, bool any = false) {
        constexpr std::size_t count = detail::path_count<F>();
        static_assert(count == 0 || PathCount == 0 || count == PathCount,
                      "armature: the handlers of one path take different numbers of Path<T> "
                      "arguments");
        handlers.add(method, any, detail::make_handler(std::move(handler)));
        if constexpr (PathCount == 0 && count > 0)
            return MethodRoutes<count>{std::move(*this)};
        else
            return std::move(*this);
    }
};

template <class F>
auto get(F handler) {
    return MethodRoutes<0>{}.with(Method::get, std::move(handler));
}
template <auto Function>
auto get() {
    return MethodRoutes<0>{}.with(Method::get, detail::member_handler<Function>());
}
template <class F>
auto post(F handler) {
    return MethodRoutes<0>{}.with(Method::post, std::move(handler));
}
template <auto Function>
auto post() {
    return MethodRoutes<0>{}.with(Method::post, detail::member_handler<Function>());
}
template <class F>
auto put(F handler) {
    return MethodRoutes<0>{}.with(Method::put, std::move(handler));
}
template <auto Function>
auto put() {
    return MethodRoutes<0>{}.with(Method::put, detail::member_handler<Function>());
}
template <class F>
auto patch(F handler) {
    return MethodRoutes<0>{}.with(Method::patch, std::move(handler));
}
template <auto Function>
auto patch() {
    return MethodRoutes<0>{}.with(Method::patch, detail::member_handler<Function>());
}
template <class F>
auto delete_(F handler) {
    return MethodRoutes<0>{}.with(Method::delete_, std::move(handler));
}
template <auto Function>
auto delete_() {
    return MethodRoutes<0>{}.with(Method::delete_, detail::member_handler<Function>());
}
template <class F>
auto head(F handler) {
    return MethodRoutes<0>{}.with(Method::head, std::move(handler));
}
template <auto Function>
auto head() {
    return MethodRoutes<0>{}.with(Method::head, detail::member_handler<Function>());
}
template <class F>
auto options(F handler) {
    return MethodRoutes<0>{}.with(Method::options, std::move(handler));
}
template <auto Function>
auto options() {
    return MethodRoutes<0>{}.with(Method::options, detail::member_handler<Function>());
}
/// One handler for every method that the path doesn't list itself.
template <class F>
auto any(F handler) {
    return MethodRoutes<0>{}.with(Method::get, std::move(handler), true);
}
template <auto Function>
auto any() {
    return MethodRoutes<0>{}.with(Method::get, detail::member_handler<Function>(), true);
}

/// A route pattern that was checked against its handlers while compiling. A literal converts to it.
template <std::size_t PathCount, bool Exact>
class CheckedPattern {
  public:
    consteval CheckedPattern(const char* text, // NOLINT: a literal is meant to convert
                             std::source_location where = std::source_location::current())
        : text_(text), where_(where) {
        detail::explain_pattern(check_pattern(text_));
        if constexpr (PathCount > 0) {
            const std::size_t count = pattern_param_count(text_);
            // In a scope, its prefix may bring further parameters; build() checks the sum.
            if (count > PathCount)
                detail::
                    route_pattern_has_more_parameters_than_the_handler_takes_as_Path_arguments();
            if (Exact && count < PathCount)
                detail::
                    route_pattern_has_fewer_parameters_than_the_handler_takes_as_Path_arguments();
        }
    }

    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
    [[nodiscard]] constexpr const std::source_location& where() const noexcept { return where_; }

  private:
    std::string_view text_;
    std::source_location where_;
};

} // namespace armature
