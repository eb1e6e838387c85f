#include "routes.hpp"

#include <armature/app/page.hpp>

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

/// What a list of users may be narrowed down to.
struct UserFilter {
    std::string q; ///< a part of the name
};
ARMATURE_DESCRIBE(UserFilter, (q, max_length(100), defaulted));

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

    Page<User> find_page(const UserFilter& filter, const PageRequest& request) {
        const std::lock_guard lock{mutex_};
        std::vector<User> users;
        std::uint64_t total = 0;
        for (const User& user : users_) {
            if (user.name.find(filter.q) == std::string::npos) continue;
            if (total >= request.offset() && users.size() < request.limit) users.push_back(user);
            ++total;
        }
        return Page{std::move(users), request, total};
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

Created<User> create_user(Json<NewUser> user, State<UserStore> store) {
    User made = store->add(*std::move(user));
    std::string location = "/api/users/" + std::to_string(made.id);
    return Created{std::move(made), std::move(location)};
}

std::optional<User> find_user(Path<std::uint64_t> id, State<UserStore> store) {
    return store->find(*id);
}

Page<User> list_users(Query<PageRequest> page, Query<UserFilter> filter, State<UserStore> store) {
    return store->find_page(*filter, *page);
}

} // namespace

void add_users(App& app, const MetricsRegistry* metrics) {
    Scope users = scope("/api/users");
    if (metrics != nullptr) users.wrap(HttpMetrics{*metrics});
    users.tag("Users")
        .data(std::make_shared<UserStore>())
        .route("/",
               get(list_users).summary("A page of users").post(create_user).summary("Adds a user"))
        .route("/{id}", get(find_user).summary("One user"));
    app.route("/users/{id}", get(sample_user).summary("A made-up user").tag("Users"))
        .service(std::move(users));
}

} // namespace showcase
