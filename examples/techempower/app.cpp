#include "app.hpp"

#include <armature/cache/cache.hpp>
#include <armature/db/repository.hpp>
#include <armature/di/di.hpp>
#include <armature/templates/templates.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <random>
#include <string_view>
#include <utility>

using namespace armature;

namespace techempower {
namespace {

// --- the tables, whose names and JSON the benchmark prescribes ----------------------------------

struct World {
    std::int32_t id = 0;
    std::int32_t randomNumber = 0; // NOLINT
};
ARMATURE_DESCRIBE(World, id, randomNumber);
ARMATURE_MODEL(World, "world", column_name<&World::randomNumber>("randomnumber"));

struct Fortune {
    std::int32_t id = 0;
    std::string message;
};
ARMATURE_DESCRIBE(Fortune, id, message);
ARMATURE_MODEL(Fortune, "fortune");

using Worlds = db::Repository<World>;
using Fortunes = db::Repository<Fortune>;

constexpr std::int32_t last_world = 10'000;

std::int32_t random_number() {
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_int_distribution<std::int32_t>{1, last_world}(engine);
}

/// The number of a query, 1 to 500, whatever it says.
int count_of(Request& request, std::string_view name) {
    int count = 1;
    if (const auto text = request.query(name)) {
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
        if (error == std::errc::result_out_of_range) count = text->starts_with('-') ? 1 : 500;
    }
    return std::clamp(count, 1, 500);
}

// --- the tests ----------------------------------------------------------------------------------

struct Message {
    std::string_view message;
};
ARMATURE_DESCRIBE(Message, message);

Json<Message> json() { return Json<Message>{{"Hello, World!"}}; }

std::string_view plaintext() { return "Hello, World!"; }

Task<World> one(Inject<Worlds> worlds) { return worlds->get(random_number()); }

/// As many statements as worlds, as the benchmark wants it, within one round trip.
Task<std::vector<World>> random_worlds(db::Database& database, int count) {
    std::vector<db::Statement> statements;
    statements.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        statements.push_back(db::Statement::of(
            "SELECT id, randomnumber AS \"randomNumber\" FROM world WHERE id = $1",
            random_number()));
    const std::vector<db::Rows> rows = co_await database.batch(std::move(statements));
    std::vector<World> worlds;
    worlds.reserve(rows.size());
    for (const db::Rows& row : rows)
        worlds.push_back(row.as<World>(0));
    co_return worlds;
}

Task<Json<std::vector<World>>> several(Request& request, Inject<db::Database> database) {
    const int count = count_of(request, "queries");
    co_return Json{co_await random_worlds(*database, count)};
}

Task<Json<std::vector<World>>> updates(Request& request, Inject<db::Database> database) {
    const int count = count_of(request, "queries");
    std::vector<World> worlds = co_await random_worlds(*database, count);
    for (World& world : worlds)
        world.randomNumber = random_number();
    // In the order of the keys, each once: requests don't wait for each other in a circle.
    std::map<std::int32_t, std::int32_t> changed;
    for (const World& world : worlds)
        changed.emplace(world.id, world.randomNumber);
    std::string ids{"{"};
    std::string numbers{"{"};
    for (const auto& [id, number] : changed) {
        const char* const comma = ids.size() > 1 ? "," : "";
        ids += comma + std::to_string(id);
        numbers += comma + std::to_string(number);
    }
    co_await database->execute(
        "UPDATE world SET randomnumber = new.number FROM (SELECT * FROM unnest($1::int[], "
        "$2::int[]) AS t (id, number) ORDER BY id) AS new WHERE world.id = new.id",
        ids + "}", numbers + "}");
    co_return Json{std::move(worlds)};
}

struct FortunePage {
    std::vector<Fortune> fortunes;
};
ARMATURE_DESCRIBE(FortunePage, fortunes);

Templates make_pages() {
    Templates pages{{{"fortunes.html",
                      "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>"
                      "<tr><th>id</th><th>message</th></tr>{% for fortune in fortunes %}<tr><td>"
                      "{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>{% endfor %}"
                      "</table></body></html>"}}};
    pages.require<FortunePage>("fortunes.html");
    return pages;
}

Task<Response> fortunes(Inject<Fortunes> stored, State<Templates> pages) {
    FortunePage page;
    page.fortunes = co_await stored->query().all();
    page.fortunes.emplace_back().message = "Additional fortune added at request time.";
    std::sort(page.fortunes.begin(), page.fortunes.end(),
              [](const Fortune& a, const Fortune& b) { return a.message < b.message; });
    co_return pages->render("fortunes.html", page);
}

Task<Json<std::vector<World>>> cached(Request& request, State<Cache> cache, Inject<Worlds> worlds) {
    const int count = count_of(request, "count");
    std::vector<World> found;
    for (int i = 0; i < count; ++i) {
        const std::int32_t id = random_number();
        const auto load = [&] { return worlds->get(id); };
        const std::shared_ptr<const World> world =
            co_await cache->get_or_load<World>(std::to_string(id), load);
        found.push_back(*world);
    }
    co_return Json{std::move(found)};
}

} // namespace

App make_app(std::shared_ptr<db::Database> database) {
    CacheOptions forever;
    forever.life = Duration::seconds(24 * 60 * 60);
    return App::create()
        .provide_value(std::move(database))
        .provide<Worlds>()
        .provide<Fortunes>()
        .data(make_pages())
        .data(Cache{forever})
        .route("/json", get(json))
        .route("/plaintext", get(plaintext))
        .route("/db", get(one))
        .route("/queries", get(several))
        .route("/updates", get(updates))
        .route("/fortunes", get(fortunes))
        .route("/cached-queries", get(cached));
}

Task<> create_tables(db::Database& database) {
    co_await database.execute("CREATE TABLE IF NOT EXISTS world (id integer PRIMARY KEY, "
                              "randomnumber integer NOT NULL)");
    co_await database.execute("CREATE TABLE IF NOT EXISTS fortune (id integer PRIMARY KEY, "
                              "message varchar(2048) NOT NULL)");
    std::vector<World> worlds(last_world);
    for (std::int32_t i = 0; i < last_world; ++i) {
        worlds[static_cast<std::size_t>(i)].id = i + 1;
        worlds[static_cast<std::size_t>(i)].randomNumber = random_number();
    }
    (void)co_await Worlds{database}.upsert_all(std::move(worlds));
    std::vector<Fortune> all;
    for (const char* const message :
         {"fortune: No such file or directory",
          "A computer scientist is someone who fixes things that aren't broken.",
          "After enough decimal places, nobody gives a damn.",
          "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
          "A computer program does what you tell it to do, not what you want it to do.",
          "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
          "Any program that runs right is obsolete.",
          "A list is only as strong as its weakest link. — Donald Knuth",
          "Feature: A bug with seniority.", "Computers make very fast, very accurate mistakes.",
          "<script>alert(\"This should not be displayed in a browser alert box.\");</script>",
          "フレームワークのベンチマーク"}) {
        Fortune& fortune = all.emplace_back();
        fortune.id = static_cast<std::int32_t>(all.size());
        fortune.message = message;
    }
    (void)co_await Fortunes{database}.upsert_all(std::move(all));
}

} // namespace techempower
