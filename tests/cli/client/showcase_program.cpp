// A round trip of the C++ client against the showcase.
#include "check.hpp"
#include "showcase/api.hpp"

#include <armature/core/scheduler.hpp>

namespace {

armature::Task<> read_events(showcase::Api& api, int& count) {
    showcase::GetEventsArgs args;
    args.n = 3;
    args.every_ms = 1;
    showcase::Events events = co_await api.get_events(std::move(args));
    while (co_await events.next())
        ++count;
}

} // namespace

int main(int, char** argv) {
    armature::LocalLoop loop;
    armature::Client client;
    showcase::Options options;
    options.base_url = argv[1];
    showcase::Api api(client, options);

    SAME(loop.run(api.get_root()), "Hello, World!");
    SAME(loop.run(api.get_json()).message, "Hello, World!");
    showcase::NewUser ada;
    ada.name = "Ada";
    ada.email = "ada@example.com";
    ada.age = 36;
    const showcase::User made = loop.run(api.post_api_users(ada));
    (void)loop.run(api.post_api_users(ada)); // so that there are two pages
    SAME(made.name, "Ada");
    SAME(made.age.value_or(0), 36);
    SAME(loop.run(api.get_api_users_by_id(made.id)).id, made.id);
    try {
        showcase::NewUser nobody;
        nobody.age = 200;
        (void)loop.run(api.post_api_users(nobody));
        SAME(false, true); // it should have thrown
    } catch (const showcase::ApiError& error) {
        const auto problem = error.as<showcase::Problem>();
        SAME(problem.status, 422);
        SAME(problem.errors->at(0).pointer, "/name");
        SAME(problem.errors->at(1).pointer, "/age");
    }
    showcase::Head head;
    showcase::GetApiUsersArgs list;
    list.limit = 1;
    SAME(loop.run(api.get_api_users(std::move(list), &head)).size(), 1U);
    SAME(head.next().has_value(), true);
    SAME(loop.run(api.follow<std::vector<showcase::User>>(*head.next())).size(), 1U);

    showcase::Form form;
    form.add("file", showcase::Bytes{"hello", "a.txt"});
    const std::vector<showcase::Uploaded> uploaded = loop.run(api.post_upload(std::move(form)));
    SAME(uploaded.at(0).filename.value_or(""), "a.txt");
    SAME(uploaded.at(0).size, 5U);
    int events = 0;
    loop.run(read_events(api, events));
    SAME(events, 3);
    std::cout << checks << " checks\n";
}
