#include "{{things}}.hpp"

#include <armature/db/query.hpp>

#include <string>
#include <utility>

namespace {{ns}} {

// Values are bound, never written into the SQL. What a coroutine awaits has a name, for g++ 12.

armature::Task<std::vector<{{Thing}}>> {{Thing}}Store::list(const armature::PageRequest& page) {
    armature::db::Select select{"{{table}}"};
    select.columns<{{Thing}}>().order_by("id").limit(page.limit).offset(page.offset());
    return database_.all<{{Thing}}>(select);
}

armature::Task<std::int64_t> {{Thing}}Store::count() {
    return database_.one<std::int64_t>("SELECT count(*) FROM {{table}}");
}

armature::Task<std::optional<{{Thing}}>> {{Thing}}Store::find(std::int64_t id) {
    return database_.first<{{Thing}}>(
        {{sql.find}}
        id);
}

armature::Task<{{Thing}}> {{Thing}}Store::add(const {{Thing}}& {{thing}}) {
    armature::db::Insert insert{"{{table}}"};
    insert.values({{thing}}).returning<{{Thing}}>();
    return database_.one<{{Thing}}>(insert);
}

armature::Task<std::optional<{{Thing}}>> {{Thing}}Store::replace(std::int64_t id, const {{Thing}}& {{thing}}) {
    return database_.first<{{Thing}}>(
        {{sql.replace}}
        {{fields.arguments}}
}

armature::Task<std::uint64_t> {{Thing}}Store::remove(std::int64_t id) {
    return database_.execute("DELETE FROM {{table}} WHERE id = $1", id);
}

armature::Task<armature::Page<{{Thing}}>>
{{Thing}}Controller::list(armature::Query<armature::PageRequest> page) {
    std::vector<{{Thing}}> items = co_await store_.list(*page);
    const std::int64_t total = co_await store_.count();
    co_return armature::Page<{{Thing}}>{std::move(items), *page, static_cast<std::uint64_t>(total)};
}

armature::Task<armature::Created<{{Thing}}>>
{{Thing}}Controller::add(armature::Json<{{Thing}}> {{thing}}) {
    {{Thing}} made = co_await store_.add(*{{thing}});
    std::string location = "/{{path}}/" + std::to_string(made.id);
    co_return armature::Created{std::move(made), std::move(location)};
}

armature::Task<std::optional<{{Thing}}>>
{{Thing}}Controller::find(armature::Path<std::int64_t> id) {
    return store_.find(*id); // nothing is answered with 404
}

armature::Task<std::optional<{{Thing}}>>
{{Thing}}Controller::replace(armature::Path<std::int64_t> id, armature::Json<{{Thing}}> {{thing}}) {
    return store_.replace(*id, *{{thing}});
}

armature::Task<> {{Thing}}Controller::remove(armature::Path<std::int64_t> id) {
    const std::uint64_t removed = co_await store_.remove(*id);
    if (removed == 0) throw armature::Error::not_found();
}

armature::Module {{things}}_module() {
    return armature::Module{"{{things}}"}
        .provide<{{Thing}}Store>()
        .controller<{{Thing}}Controller>();
}

} // namespace {{ns}}
