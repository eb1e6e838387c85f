#pragma once

#include "templates/syntax.hpp"

#include <atomic>
#include <map>
#include <optional>

namespace armature::detail {

/// A template with what it extends and includes put together, and a place found for every value.
struct TemplatePage {
    std::string name;
    TemplateNodes nodes;
    std::optional<TemplateError> fault; ///< a part of others that is no page by itself
    /// How long it was the last time, for the next.
    mutable std::atomic<std::size_t> size{0};
};

/// All templates. Immutable once it is made.
class TemplatePages {
  public:
    /// Throws TemplateError.
    explicit TemplatePages(std::vector<TemplateSource> sources);
    TemplatePages(const TemplatePages&) = delete;
    TemplatePages& operator=(const TemplatePages&) = delete;

    [[nodiscard]] const TemplatePage* find(std::string_view name) const noexcept;
    [[nodiscard]] std::vector<TemplateMessage> messages() const;

  private:
    std::map<std::string, std::unique_ptr<TemplateFile>, std::less<>> files_;
    std::map<std::string, std::unique_ptr<TemplatePage>, std::less<>> pages_;
};

/// Throws TemplateError when the page asks for something that the type doesn't have.
void check_page(const TemplatePage& page, const TypeInfo& type);
/// Throws std::logic_error.
[[nodiscard]] std::string render_page(const TemplatePage& page, TemplateRef data, Request* request);

} // namespace armature::detail
