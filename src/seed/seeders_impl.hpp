#pragma once

#include <armature/seed/seeding.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::seed {

class Seeders::Impl {
  public:
    explicit Impl(SeedOptions given) : options(std::move(given)) {}

    /// Throws `SeedError`.
    [[nodiscard]] std::vector<TableReport> run() const;
    [[nodiscard]] std::string url() const;

    SeedOptions options;
    std::vector<std::shared_ptr<const detail::Seeder>> seeders;
    std::shared_ptr<const detail::Seeder> work; ///< in place of the seeders: of `db:load`
    void (*progress)(void* argument, std::string_view table, std::uint64_t done,
                     std::uint64_t total) = nullptr;
    void* argument = nullptr;

  private:
    void check_names() const;
    [[nodiscard]] Task<> seed(Seeding& seeding) const;
    [[nodiscard]] Task<std::vector<TableReport>> write_all(db::Database& database) const;
};

} // namespace armature::seed
