// A user's program: `seed_program db:seed …`, in the database that DATABASE_URL names.
#include "shop.hpp"

#include <cstdio>

int main(int argc, char** argv) {
    using namespace shop;
    seed::Seeders seeders;
    seeders.add("Users", [](seed::Seeding& seeding) -> Task<> {
        seeding.create(users().count(seeding.count(10)));
        co_return;
    });
    seeders.add("Posts", [](seed::Seeding& seeding) -> Task<> {
        const auto authors = seeding.create(users().named("authors").count(5));
        seeding.create(
            posts().count(seeding.count(10) * 2).recycle_skewed(&Post::author_id, authors));
        seeding.create(tags().count(20));
        co_return;
    });
    if (const auto status = seed::seed_command(argc, argv, seeders)) return *status;
    std::puts("the program itself");
    return 0;
}
