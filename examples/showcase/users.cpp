#include "query.hpp"
#include "routes.hpp"

#include <armature/core/url.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

using namespace armature;

namespace showcase {

namespace {

struct NewUser {
    std::string name;
    std::optional<std::string> email;
    std::optional<int> age;
};
ARMATURE_DESCRIBE(NewUser, (name, min_length(1), max_length(100)), (email, format::email),
                  (age, min(0), max(150)));

struct User {
    std::uint64_t id;
    std::string name;
    std::optional<std::string> email;
    std::optional<int> age;
};
ARMATURE_DESCRIBE(User, id, name, email, age);

/// Which part of a list a client asks for: `?page=2&limit=50&q=ada`.
struct PageRequest {
    std::uint64_t page;
    std::uint64_t limit;
    std::string_view q;
};

struct UserPage {
    std::vector<User> users;
    std::uint64_t total; ///< of all pages
};

/// The users that were created, in memory. All event loops share it.
class UserStore {
  public:
    User add(NewUser user) {
        const std::lock_guard lock{mutex_};
        if (users_.size() == max_users) throw Error::unavailable("The store is full");
        return users_.emplace_back(
            User{users_.size() + 1, std::move(user.name), std::move(user.email), user.age});
    }

    std::optional<User> find(std::uint64_t id) {
        const std::lock_guard lock{mutex_};
        if (id == 0 || id > users_.size()) return std::nullopt;
        return users_[id - 1];
    }

    UserPage find_page(const PageRequest& request) {
        const std::uint64_t first = (request.page - 1) * request.limit;
        const std::lock_guard lock{mutex_};
        UserPage page{{}, 0};
        for (const User& user : users_) {
            if (user.name.find(request.q) == std::string::npos) continue;
            if (page.total >= first && page.users.size() < request.limit)
                page.users.push_back(user);
            ++page.total;
        }
        return page;
    }

  private:
    static constexpr std::size_t max_users = 100'000;

    std::mutex mutex_;
    std::vector<User> users_;
};

User sample_user(Path<std::uint64_t> id) {
    const std::string number = std::to_string(*id);
    return {*id, "User " + number, "user" + number + "@example.com", std::nullopt};
}

Response create_user(Json<NewUser> user, State<UserStore> store) {
    const User made = store->add(*std::move(user));
    return Response::json(to_json(made))
        .status(Status::created)
        .header(Field::location, "/api/users/" + std::to_string(made.id));
}

std::optional<User> find_user(Path<std::uint64_t> id, State<UserStore> store) {
    return store->find(*id);
}

// RFC 8288: where the neighbouring pages are.
std::string page_links(const PageRequest& request, std::uint64_t total) {
    const std::uint64_t last = total == 0 ? 1 : (total - 1) / request.limit + 1;
    std::string links;
    const auto add = [&](std::string_view relation, std::uint64_t page) {
        QueryPairs query;
        query.append("page", std::to_string(page)).append("limit", std::to_string(request.limit));
        if (!request.q.empty()) query.append("q", request.q);
        if (!links.empty()) links += ", ";
        links.append("</api/users?").append(query.to_string());
        links.append(">; rel=\"").append(relation).append("\"");
    };
    add("first", 1);
    if (request.page > 1) add("prev", std::min(request.page - 1, last));
    if (request.page < last) add("next", request.page + 1);
    add("last", last);
    return links;
}

Response list_users(Request& request, State<UserStore> store) {
    const PageRequest wanted{query_number(request, "page", 1, {1, 1'000'000}),
                             query_number(request, "limit", 20, {1, 100}),
                             request.query("q").value_or("")};
    const UserPage page = store->find_page(wanted);
    return Response::json(to_json(page.users)).header(Field::link, page_links(wanted, page.total));
}

} // namespace

void add_users(App& app) {
    app.route("/users/{id}", get(sample_user))
        .service(scope("/api/users")
                     .data(std::make_shared<UserStore>())
                     .route("/", get(list_users).post(create_user))
                     .route("/{id}", get(find_user)));
}

} // namespace showcase
