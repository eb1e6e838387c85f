// The C++ of docs/load-shedding.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/middleware/load_shedding.hpp>

#include <gtest/gtest.h>

namespace load_shedding_page {

using namespace armature;

Task<std::string> ask_the_database() { co_return "rows"; }

// [limit]
App shop() {
    ConcurrencyLimitOptions options;
    options.limit = 50; // as many as the database takes
    options.queue = 200;
    options.queue_timeout = Duration::milliseconds(500);
    const ConcurrencyLimit database{options};
    return App::create()
        .route("/orders", get(ask_the_database).wrap(database))
        .route("/customers", get(ask_the_database).wrap(database)) // the same 50
        .route("/", get([] { return "Hello, World!"; }));
}
// [/limit]

// [adaptive]
ConcurrencyLimit by_itself() {
    ConcurrencyLimitOptions options;
    options.adaptive = true;
    options.limit = 20; // to begin with
    options.max_limit = 500;
    return ConcurrencyLimit{options};
}
// [/adaptive]

// [shedding]
App in_time() {
    return App::create()
        .wrap(LoadShedding{{.max_delay = Duration::milliseconds(50)}})
        .route("/", get([] { return "Hello, World!"; }))
        .route("/health/live", get([] { return "fine"; }).metadata(NeverShed{}));
}
// [/shedding]

TEST(LoadSheddingPage, LetsThrough) {
    EXPECT_EQ(shop().build().handle(Request::get("/orders")).body().text(), "rows");
    EXPECT_EQ(in_time().build().handle(Request::get("/")).body().text(), "Hello, World!");
    EXPECT_EQ(App::create()
                  .wrap(by_itself())
                  .route("/", get(ask_the_database))
                  .build()
                  .handle(Request::get("/"))
                  .body()
                  .text(),
              "rows");
}

} // namespace load_shedding_page
