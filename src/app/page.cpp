#include "app/request_path.hpp"
#include "core/characters.hpp"

#include <armature/app/page.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <initializer_list>
#include <stdexcept>

namespace armature {

std::string link_value(std::string_view target, std::string_view relation) {
    const auto is_bad = [](char c) {
        return is_control(c) || c == ' ' || c == '"' || c == '<' || c == '>' || c == '\\' ||
               static_cast<unsigned char>(c) > 0x7e;
    };
    if (std::any_of(target.begin(), target.end(), is_bad) || !is_token(relation))
        throw std::invalid_argument("armature: this can't be a link: " + std::string{target});
    return std::string{"<"}.append(target).append(">; rel=\"").append(relation).append("\"");
}

namespace detail {

namespace {

// Links to this request's resource that differ in some parameters of the query.
class Links {
  public:
    explicit Links(const Request& request)
        : path_(encoded_path(request.path())), query_(QueryPairs::parse(request.query_text())) {}

    struct Change {
        std::string_view name;
        std::optional<std::string> value; ///< nullopt: without this parameter
    };
    void add(std::string_view relation, std::initializer_list<Change> changes) {
        QueryPairs changed;
        for (const auto& [name, value] : query_)
            if (std::none_of(changes.begin(), changes.end(),
                             [&](const Change& change) { return change.name == name; }))
                changed.append(name, value);
        for (const Change& change : changes)
            if (change.value) changed.append(change.name, *change.value);
        const std::string query = changed.to_string();
        if (!text_.empty()) text_ += ", ";
        text_ += link_value(query.empty() ? path_ : path_ + '?' + query, relation);
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    std::string path_;
    QueryPairs query_;
    std::string text_;
};

} // namespace

void set_page_links(const Request& request, Response& response, const PageRequest& page,
                    std::uint64_t total) {
    const std::uint64_t limit = std::max<std::uint64_t>(page.limit, 1);
    const std::uint64_t last = total == 0 ? 1 : (total - 1) / limit + 1;
    Links links{request};
    const auto add = [&](std::string_view relation, std::uint64_t number) {
        links.add(relation, {{"page", std::to_string(number)}, {"limit", std::to_string(limit)}});
    };
    add("first", 1);
    if (page.page > 1) add("prev", std::min(page.page - 1, last));
    if (page.page < last) add("next", page.page + 1);
    add("last", last);
    response.header(Field::link, links.text());
}

void set_cursor_links(const Request& request, Response& response,
                      const std::optional<std::string>& next) {
    Links links{request};
    links.add("first", {{"cursor", std::nullopt}});
    if (next) links.add("next", {{"cursor", *next}});
    response.header(Field::link, links.text());
}

void document_links(OperationInfo& info, const TypeInfo* items) {
    ParameterInfo link;
    link.in = ParameterIn::header;
    link.name = "link";
    link.description = "The neighbouring pages (RFC 8288)";
    info.response("application/json", items).headers.push_back(std::move(link));
}

} // namespace detail

} // namespace armature
