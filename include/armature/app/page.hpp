#pragma once

#include <armature/app/into_response.hpp>
#include <armature/describe/describe.hpp>
#include <armature/json/write.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// Which part of a list a client asks for, counted from 1: `?page=2&limit=50`. Taken as
/// `Query<PageRequest>`, also beside another `Query<T>` with what is searched for.
struct PageRequest {
    std::uint64_t page = 1;
    std::uint64_t limit = 20;

    /// How many items come before this page.
    [[nodiscard]] std::uint64_t offset() const noexcept { return (page - 1) * limit; }
};
ARMATURE_DESCRIBE(PageRequest, (page, min(1), max(1'000'000), defaulted),
                  (limit, min(1), max(100), defaulted));

/// A handler's result: the items as a JSON array, and a Link field (RFC 8288) that leads to the
/// first, previous, next and last page, with the request's other parameters kept.
template <class T>
class Page {
  public:
    /// `total` is the number of items on all pages.
    Page(std::vector<T> items, const PageRequest& request, std::uint64_t total)
        : items_(std::move(items)), request_(request), total_(total) {}
    [[nodiscard]] const std::vector<T>& items() const noexcept { return items_; }
    [[nodiscard]] const PageRequest& request() const noexcept { return request_; }
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

  private:
    std::vector<T> items_;
    PageRequest request_;
    std::uint64_t total_;
};

/// The same where pages are found by the last item of the one before, for lists that are long or
/// change while they are read: `?cursor=…&limit=50`. What a cursor says is the application's
/// affair, but it comes from a client: check it.
struct CursorRequest {
    std::optional<std::string> cursor; ///< absent: the first page
    std::uint64_t limit = 20;
};
ARMATURE_DESCRIBE(CursorRequest, (cursor, max_length(1000)), (limit, min(1), max(100), defaulted));

/// A handler's result: the items as a JSON array, and a Link field that leads to the first page and
/// to the next, if there is one.
template <class T>
class CursorPage {
  public:
    /// `next` is the next page's cursor; nullopt on the last page.
    CursorPage(std::vector<T> items, std::optional<std::string> next)
        : items_(std::move(items)), next_(std::move(next)) {}
    [[nodiscard]] const std::vector<T>& items() const noexcept { return items_; }
    [[nodiscard]] const std::optional<std::string>& next() const noexcept { return next_; }

  private:
    std::vector<T> items_;
    std::optional<std::string> next_;
};

/// One link of a Link field (RFC 8288 §3): `<target>; rel="relation"`. Throws
/// std::invalid_argument unless the target is in URI characters and the relation in lower case.
[[nodiscard]] std::string link_value(std::string_view target, std::string_view relation);

namespace detail {

void set_page_links(const Request& request, Response& response, const PageRequest& page,
                    std::uint64_t total);
void set_cursor_links(const Request& request, Response& response,
                      const std::optional<std::string>& next);
void document_links(OperationInfo& info, const TypeInfo* items);

} // namespace detail

template <class T>
struct IntoResponse<Page<T>> {
    static void into(Page<T>&& page, Request& request, Response& response) {
        response.set_content("application/json", Body{to_json(page.items())});
        detail::set_page_links(request, response, page.request(), page.total());
    }
    static void document(OperationInfo& info) {
        detail::document_links(info, detail::type_of<std::vector<T>>());
    }
};

template <class T>
struct IntoResponse<CursorPage<T>> {
    static void into(CursorPage<T>&& page, Request& request, Response& response) {
        response.set_content("application/json", Body{to_json(page.items())});
        detail::set_cursor_links(request, response, page.next());
    }
    static void document(OperationInfo& info) {
        detail::document_links(info, detail::type_of<std::vector<T>>());
    }
};

} // namespace armature
