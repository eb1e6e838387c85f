#pragma once

#include <armature/core/owned.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>
#include <armature/templates/value.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// A template that can't be used; says which file and line, and why.
class TemplateError : public std::invalid_argument {
  public:
    TemplateError(std::string file, std::size_t line, const std::string& why);
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// Counts from 1; 0: the file as a whole.
    [[nodiscard]] std::size_t line() const noexcept { return line_; }

  private:
    std::string file_;
    std::size_t line_;
};

struct TemplateOptions {
    /// For development: looks at the files before each page and reads them anew when one has
    /// changed, on the event loop. A mistake is then that page's error, and the log says where.
    bool reload = false;
};

/// A template that doesn't come from a folder.
struct TemplateSource {
    std::string name;
    std::string text;
};

/// A message that a template asks for with `t("key")`, and where.
struct TemplateMessage {
    std::string key;
    std::string file;
    std::size_t line;
    std::vector<std::string> arguments;
};

/// Pages of HTML in which every value is escaped for the place where it stands: text, attribute,
/// URL, script, style. Read, parsed and checked when the object is made; rendering only writes.
///
///     app.data(Templates{"templates"})
///        .route("/users/{id}", get([](Path<int> id, State<Templates> templates) {
///            return templates->render("user.html", find_user(*id));
///        }));
///
/// Thread-safe; all loops share it.
class Templates {
  public:
    /// Every `.html` below the folder; a template's name is its path from there, with slashes.
    /// Throws TemplateError for the first that can't be used, std::invalid_argument when there is
    /// no such folder.
    explicit Templates(const std::string& folder, TemplateOptions options = {});
    /// The same from memory.
    explicit Templates(std::vector<TemplateSource> sources);
    Templates(Templates&&) noexcept;
    Templates& operator=(Templates&&) noexcept;
    ~Templates();

    /// The page, 200, text/html; charset=utf-8. `data` is a described struct, a map with text keys,
    /// or TemplateValues. Throws std::logic_error, which is a 500, when there is no such template
    /// or it asks for what `data` doesn't have: `require` finds that at start-up.
    template <class T>
    [[nodiscard]] Response render(std::string_view name, const T& data) const {
        return Response::html(text(name, data));
    }
    /// The same for pages that use what belongs to the request: `csp_nonce`, `t(…)`, `locale`.
    template <class T>
    [[nodiscard]] Response render(Request& request, std::string_view name, const T& data) const {
        return Response::html(render_text(name, root(data), &request));
    }
    /// The page as text, for a mail for example.
    template <class T>
    [[nodiscard]] std::string text(std::string_view name, const T& data) const {
        return render_text(name, root(data), nullptr);
    }

    /// Checks that there is a template of that name, and that `T` has everything it asks for.
    /// Throws TemplateError. For the time before the server starts.
    template <class T>
    const Templates& require(std::string_view name) const& {
        static_assert(value_kind<T> == ValueKind::object,
                      "armature: a template can be checked against a described struct");
        check(name, type_info<T>());
        return *this;
    }
    template <class T>
    Templates&& require(std::string_view name) && {
        static_cast<const Templates&>(*this).require<T>(name);
        return std::move(*this);
    }

    /// Every message that a template asks for.
    [[nodiscard]] std::vector<TemplateMessage> messages() const;

    struct Impl; ///< for the implementation

  private:
    template <class T>
    static detail::TemplateRef root(const T& data) {
        if constexpr (requires { data.ref(); }) {
            return data.ref();
        } else {
            static_assert(value_kind<T> == ValueKind::object || value_kind<T> == ValueKind::map,
                          "armature: a page is rendered from a described struct, a map with text "
                          "keys, or TemplateValues");
            return detail::template_ref(data);
        }
    }
    [[nodiscard]] std::string render_text(std::string_view name, detail::TemplateRef data,
                                          Request* request) const;
    void check(std::string_view name, const TypeInfo& type) const;

    Owned<Impl> impl_;
};

} // namespace armature
